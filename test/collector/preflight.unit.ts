/* eslint no-template-curly-in-string: off -- variables of the collector look like that */
import { join } from 'node:path'
import t from 'tap'
import { launchEnvironment } from '../../lib/collector/launch-environment.ts'
import { checkBeforeStart, problemText } from '../../lib/collector/preflight.ts'
import { selectConfiguration } from '../../lib/collector/selection.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { freePorts } from './free-ports.ts'

t.test('a configuration that has all it needs', async t => {
  const environment = launchEnvironment(await freePorts(), temporaryDirectory(t))
  for (const name of ['file', 'file-dev']) {
    const checks = await checkBeforeStart(selectConfiguration([name], environment), environment)
    t.strictSame(checks.filter(({ problem }) => problem !== undefined), [], name)
    t.strictSame([...new Set(checks.map(({ kind }) => kind))].sort(), ['path', 'port', 'variable'])
  }
})

t.test('variables that are missing are named, each once', async t => {
  const environment = launchEnvironment({ ...await freePorts(), CLICKHOUSE_ENDPOINT: 'http://c' }, temporaryDirectory(t))
  const missing = async (name: string): Promise<string[]> => (await checkBeforeStart(selectConfiguration([name], environment), environment))
    .filter(({ problem }) => problem !== undefined).map(problemText)
  t.strictSame(await missing('clickhouse'), ['CLICKHOUSE_PASSWORD (password of that user): it is not set, and the configuration needs it'])
  t.match(await missing('signoz'), [/^SIGNOZ_ENDPOINT /, /^SIGNOZ_INGESTION_KEY /])
  t.strictSame(await missing('gateway-edge'), ['LETTA_OTELCOL_SAMPLERS or LETTA_OTELCOL_SAMPLERS_DNS (one of them): none of them is set'])
  const set = { ...environment, LETTA_OTELCOL_SAMPLERS: 'a:1' }
  t.strictSame((await checkBeforeStart(selectConfiguration(['gateway-edge'], set), set)).filter(({ problem }) => problem !== undefined), [])
  const withPassword = { ...environment, CLICKHOUSE_ENDPOINT: 'http://user:p4ssw0rd@c' }
  const checks = await checkBeforeStart(selectConfiguration(['clickhouse'], environment), withPassword)
  t.match(checks.find(({ what, problem }) => what === 'CLICKHOUSE_ENDPOINT' && problem !== undefined)?.problem, /leave them out/)
  t.notMatch(JSON.stringify(checks), /p4ssw0rd/)
  const own = join(temporaryDirectory(t, { 'own.yaml': 'a: ${env:OWN}' }), 'own.yaml')
  t.strictSame(await missing(own), ['OWN: it is not set, and the configuration needs it'])
})

t.test('half of what turns TLS on', async t => {
  const problems = async (more: Record<string, string>, name = 'file'): Promise<string[]> => {
    const environment = launchEnvironment({ ...await freePorts(), ...more }, temporaryDirectory(t, { 'k.pem': '' }))
    return (await checkBeforeStart(selectConfiguration([name], environment), environment)).filter(({ problem }) => problem !== undefined).map(problemText)
  }
  const key = { LETTA_OTELCOL_TLS_KEY_FILE: join(t.testdirName, 'k.pem') }
  t.strictSame(await problems(key), ['LETTA_OTELCOL_TLS_KEY_FILE (its key): it is set and LETTA_OTELCOL_TLS_CERT_FILE is not: there would be no TLS. Set that too, or leave this out'])
  t.match(await problems({ LETTA_OTELCOL_TLS_CLIENT_CA_FILE: 'c.pem' }, 'file-dev'), [/^LETTA_OTELCOL_TLS_CLIENT_CA_FILE .* there would be no TLS/])
  t.strictSame(await problems({ ...key, LETTA_OTELCOL_TLS_CERT_FILE: key.LETTA_OTELCOL_TLS_KEY_FILE }), [])
  t.strictSame(await problems({ LETTA_OTELCOL_TLS_KEY_FILE: ' ' }), [], 'empty is not set')
})

t.test('a dollar where the collector takes none is refused by name', async t => {
  const environment = launchEnvironment({ ...await freePorts(), CLICKHOUSE_ENDPOINT: 'http://c', CLICKHOUSE_PASSWORD: 'a$$b', LETTA_OTELCOL_TRACES_FILE: join(temporaryDirectory(t), '$') }, `${temporaryDirectory(t)}/a$b`)
  for (const name of ['file', 'clickhouse']) {
    t.strictSame((await checkBeforeStart(selectConfiguration([name], environment), environment)).filter(({ problem }) => problem !== undefined).map(problemText), [
      'LETTA_DIR (directory of files and queues; the launcher sets it to ~/.letta where it is not set): it has a "$", which the collector does not take there: use another path'
    ])
  }
})
