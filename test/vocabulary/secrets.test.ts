import t from 'tap'
import { isSecret, namesSecret } from '../../lib/vocabulary/secrets.ts'

t.test('names of secrets, in any spelling', async t => {
  for (const name of [
    'aws_secret_access_key', 'secretAccessKey', 'accessKey', 'pwd', 'DB_PWD', 'passcode', 'auth', 'proxy-auth', 'x-api-key', 'token', 'Set-Cookie', 'private_key_'
  ]) {
    t.ok(namesSecret(name), name)
    for (const value of ['x', 7, 7n, ['x'], { a: 'x' }]) t.ok(isSecret(name, value), `${name} ${typeof value}`)
    for (const value of [true, false, null, undefined]) t.notOk(isSecret(name, value), `${name} ${String(value)}`)
  }
})

t.test('in the plural they are counts, or secrets', async t => {
  for (const name of ['tokens', 'apiKeys', 'API_KEYS', 'secrets', 'passwords', 'cookies', 'credentials', 'refresh-tokens_', 'max_tokens']) {
    t.notOk(namesSecret(name), name)
    for (const value of ['x', ['x'], { a: 'x' }, []]) t.ok(isSecret(name, value), `${name} ${typeof value}`)
    for (const value of [7, 7n, 0, null, true]) t.notOk(isSecret(name, value), `${name} ${String(value)}`)
  }
})

t.test('other names', async t => {
  for (const name of ['', '_', 's', 'author', 'authors', 'monkey', 'keyboard', 'keys', 'class', 'tokens_used', 'prompt_tokens_details', 'cwd', 'access', 'compass']) {
    t.notOk(isSecret(name, 'x'), name)
  }
})
