import t from 'tap'
import { checkDestinations } from '../../lib/collector/check-destinations.ts'
import type { Setting } from '../../lib/collector/settings.ts'

const setting = (kind: Setting['kind'], value: string): Setting => ({ name: 'CLICKHOUSE_ENDPOINT', value, kind, meaning: 'meaning', isRequired: true, isSet: true, isInFallback: false })
const problemOf = (kind: Setting['kind'], value: string): string | undefined => checkDestinations([setting(kind, value)])[0]?.problem

t.test('addresses that can be read', async t => {
  for (const url of ['http://c:8123', 'https://c.example/path', 'tcp://[::1]:9000?dial_timeout=1s', 'clickhouse://c']) {
    t.equal(problemOf('url', url), undefined, url)
  }
  for (const addresses of ['a:4317,b:4317', 'ingest.example:443', 'https://ingest.example:443', 'dns:///a:1', '[::1]:4317', 'sampling.default.svc', '127.0.0.1:1, b']) {
    t.equal(problemOf('addresses', addresses), undefined, addresses)
  }
  t.strictSame(checkDestinations([setting('value', 'a@b'), setting('secret', 'a@b'), setting('url', '')]), [])
})

t.test('those that cannot, and those with credentials', async t => {
  for (const [kind, value] of [['url', 'c:8123'], ['url', 'ftp://c'], ['url', 'http://c:99999'], ['url', 'x'], ['addresses', 'a:1,,b'], ['addresses', 'a:99999'], ['addresses', '[::1']] as const) {
    t.equal(problemOf(kind, value), 'what it is set to cannot be read as that', value)
  }
  t.match(checkDestinations([setting('url', 'x')]), [{ kind: 'variable', what: 'CLICKHOUSE_ENDPOINT', meaning: 'meaning' }])
  for (const value of ['http://u:hun/ter22@c:99999', 'http://u:p @[::1', 'u:p@c:1', 'http://u@c', 'tcp://c?password=p']) {
    t.match(problemOf('url', value), /^it has a user or a password in it, .*; CLICKHOUSE_USERNAME and CLICKHOUSE_PASSWORD are for them$/, value)
    t.match(problemOf('addresses', value), /^it has a user/, value)
  }
})
