import t from 'tap'
import { basic, secretsOf } from '../../lib/export/credentials.ts'

t.test('user and password are sent as they are meant', async t => {
  t.equal(basic('a%40b', 'c%3Ad'), `Basic ${Buffer.from('a@b:c:d').toString('base64')}`)
  t.equal(basic('a', '100%'), `Basic ${Buffer.from('a:100%').toString('base64')}`, 'a percent sign that nobody escaped')
})

t.test('secrets are known as they are written and as they are meant, the longest first', async t => {
  const secrets = secretsOf('http://us%40er:pa%21ss@host/path?sig=q%2Bs&flag', ['Bearer token', 'key', ''])
  t.strictSame([...secrets].sort(), ['Bearer token', 'flag', 'key', 'pa!ss', 'pa%21ss', 'q%2Bs', 'q+s', 'token', 'us%40er', 'us@er'].sort())
  t.ok(secrets.every((secret, index) => index === 0 || secret.length <= secrets[index - 1]!.length))
  t.strictSame(secretsOf('http://host/path', []), [])
})
