import t from 'tap'
import { withoutSecrets } from '../../lib/collector/without-secrets.ts'

t.test('secrets, as they are quoted, escaped or given to the collector', async t => {
  const env = { CLICKHOUSE_PASSWORD: 'p"$ w', DD_API_KEY: 'k3y', CLICKHOUSE_USERNAME: 'someone' }
  t.equal(withoutSecrets('p"$ w p\\"$ w p"$$ w p%22%24%20w k3y someone', env), '*** *** *** *** *** someone')
})

t.test('a short one is hidden where it stands alone, since holes in words would tell it', async t => {
  t.equal(withoutSecrets('a "a" ab', { DD_API_KEY: 'a' }), '*** "***" ab')
  t.equal(withoutSecrets('x .* y', { DD_API_KEY: '.*' }), 'x *** y')
})

t.test('variables of one’s own, whose names say that they are secret', async t => {
  const value = 'correct-horse'
  for (const name of ['MY_API_KEY', 'TOKEN', 'my_secret', 'DB_PASSWORD', 'X_CREDENTIALS']) t.equal(withoutSecrets(`it is ${value}!`, { [name]: value }), 'it is ***!', name)
  t.equal(withoutSecrets('/etc/key.pem of a group', { LETTA_OTELCOL_TLS_KEY_FILE: '/etc/key.pem', KEYBOARD: 'of a group', TOKENIZER: 'group' }), '/etc/key.pem of a group')
})

t.test('values of one’s own that could be words are hidden where they stand alone, and those that say nothing are not', async t => {
  t.equal(withoutSecrets('"hunter2" hunter22 p=hunter2, \\nhunter2 %3Ahunter2 xhunter2', { DB_PASSWORD: 'hunter2' }), '"***" hunter22 p=***, \\n*** %3A*** xhunter2')
  t.equal(withoutSecrets('a "p\\"w" p"w b', { DB_PASSWORD: 'p"w' }), 'a "***" *** b', 'as it is quoted')
  const said = 'port 4317 is true, ab'
  for (const value of ['', 'a', 'ab', 'true', '4317']) t.equal(withoutSecrets(said, { MY_KEY: value }), said, value)
})

t.test('names of what authorizes', async t => {
  for (const name of ['DB_PASS', 'DB_PWD', 'REDIS_AUTH', 'SENTRY_DSN', 'AUTHORIZATION', 'PROXY_AUTHORIZATION', 'KEY_PASSPHRASE', 'API_KEYS']) {
    t.equal(withoutSecrets('it is s3cret, or a-long-s3cret', { [name]: 's3cret' }), 'it is ***, or a-long-***', name)
    t.equal(withoutSecrets('it is a-long-s3cret', { [name]: 'a-long-s3cret' }), 'it is ***', name)
  }
  t.equal(withoutSecrets('Basic dXNlcjpw, and dXNlcjpw', { AUTHORIZATION: 'Basic dXNlcjpw' }), '***, and ***')
  const paths = { PWD: '/home/someone', OLDPWD: '/home/someone', OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/home/someone', COMPASS: 'someone', SSH_AUTH_SOCK: 'someone' }
  t.equal(withoutSecrets('/home/someone', paths), '/home/someone', 'and of what does not')
})

t.test('headers, value by value', async t => {
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20dXNlcjpw, x-key = k3y-v4lue;p=1,x-short=abc', OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-retries=12' }
  t.equal(withoutSecrets('"authorization":"Basic dXNlcjpw" dXNlcjpw k3y-v4lue/abc abcd 12', env), '"authorization":"***" *** ***/*** abcd 12')
  t.equal(withoutSecrets(env.OTEL_EXPORTER_OTLP_HEADERS, env), 'authorization=***, x-key = ***;p=1,x-short=***')
})

t.test('a secret within another leaves nothing of it', async t => {
  t.equal(withoutSecrets('it is abc-defgh', { A_TOKEN: 'abc', B_TOKEN: 'abc-defgh' }), 'it is ***')
})

t.test('credentials in addresses', async t => {
  t.equal(withoutSecrets('at "http://u:hun/ter@c:1" and tcp://u@d', {}), 'at "http://***@c:1" and tcp://***@d')
  t.equal(withoutSecrets('no u:p ss@c:1 there', { SIGNOZ_ENDPOINT: 'u:p ss@c:1' }), 'no c:1 there')
  t.equal(withoutSecrets('u:p@c/$&', { SIGNOZ_ENDPOINT: 'u:p@c/$&' }), 'c/$&')
  t.equal(withoutSecrets('http://c:1', { CLICKHOUSE_ENDPOINT: 'http://c:1', CLICKHOUSE_PASSWORD: '' }), 'http://c:1')
})
