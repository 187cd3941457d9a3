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
  t.equal(withoutSecrets('/etc/key.pem of a group', { LETTA_OTELCOL_TLS_KEY_FILE: '/etc/key.pem', KEYBOARD: 'of a group', TOKEN: 'group' }), '/etc/key.pem of a group')
})

t.test('credentials in addresses', async t => {
  t.equal(withoutSecrets('at "http://u:hun/ter@c:1" and tcp://u@d', {}), 'at "http://***@c:1" and tcp://***@d')
  t.equal(withoutSecrets('no u:p ss@c:1 there', { SIGNOZ_ENDPOINT: 'u:p ss@c:1' }), 'no c:1 there')
  t.equal(withoutSecrets('u:p@c/$&', { SIGNOZ_ENDPOINT: 'u:p@c/$&' }), 'c/$&')
  t.equal(withoutSecrets('http://c:1', { CLICKHOUSE_ENDPOINT: 'http://c:1', CLICKHOUSE_PASSWORD: '' }), 'http://c:1')
})
