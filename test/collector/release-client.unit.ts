import { createServer as createHttpsServer } from 'node:https'
import t from 'tap'
import { Refusal, ReleaseClient } from '../../lib/collector/release-client.ts'
import { CERTIFICATE, KEY } from '../export/tls-identity.ts'
import { IMPATIENT } from './impatient.ts'
import { ProxyServer } from './proxy-server.ts'
import { ReleaseServer, status } from './release-server.ts'

const signal = new AbortController().signal

t.test('redirects, with credentials for those alone whose they are', async t => {
  const [one, two] = [await ReleaseServer.listen(t), await ReleaseServer.listen(t)]
  one.put('/a', '', status(302, { location: '/b' }))
  one.put('/b', '', status(307, { location: two.url('/c?signature=x').href }))
  two.put('/c', 'found')
  const client = new ReleaseClient({}, IMPATIENT)
  t.teardown(() => client.close())
  const url = one.url('/a')
  url.username = 'user'
  url.password = 'p%40ss'
  const { body } = await client.get(url, {}, signal)
  t.equal(await body.text(), 'found')
  const authorization = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
  t.strictSame(one.requests.map(({ path, headers }) => [path, headers.authorization]), [['/a', authorization], ['/b', authorization]])
  t.strictSame(two.requests.map(({ path, headers }) => [path, headers.authorization]), [['/c?signature=x', undefined]])
})

t.test('redirects that lead nowhere', async t => {
  const server = await ReleaseServer.listen(t)
  server.put('/round', '', status(302, { location: '/round' }))
  server.put('/lost', '', status(302))
  server.put('/odd', '', status(302, { location: 'http://' }))
  server.put('/file', '', status(302, { location: 'file:///etc/passwd' }))
  const client = new ReleaseClient({}, IMPATIENT)
  t.teardown(() => client.close())
  for (const [path, message] of [['/round', 'more than 10 redirects'], ['/lost', 'a redirect without a place to go'], ['/odd', 'a redirect without a place to go'], ['/file', 'a redirect from http: to file:']] as const) {
    await t.rejects(client.get(server.url(path), {}, signal), new Refusal(message), path)
  }
  t.equal(server.count('/round'), 11)
})

t.test('what was encrypted does not go on in the clear', async t => {
  const plain = await ReleaseServer.listen(t)
  const encrypted = await ReleaseServer.listen(t, listener => createHttpsServer({ key: KEY, cert: CERTIFICATE }, listener))
  encrypted.put('/a', '', status(302, { location: plain.url('/b').href }))
  const client = new ReleaseClient({}, IMPATIENT, CERTIFICATE)
  t.teardown(() => client.close())
  await t.rejects(client.get(encrypted.url('/a', 'https:'), {}, signal), new Refusal('a redirect from https: to http:'))
  t.equal(plain.requests.length, 0)
})

t.test('a certificate that nobody vouches for', async t => {
  const encrypted = await ReleaseServer.listen(t, listener => createHttpsServer({ key: KEY, cert: CERTIFICATE }, listener))
  const client = new ReleaseClient({}, IMPATIENT)
  t.teardown(() => client.close())
  await t.rejects(client.get(encrypted.url('/a', 'https:'), {}, signal), { message: /self-signed/ })
  t.equal(encrypted.requests.length, 0)
})

t.test('proxies of the environment', async t => {
  const proxy = await ProxyServer.listen(t)
  const plain = await ReleaseServer.listen(t)
  const encrypted = await ReleaseServer.listen(t, listener => createHttpsServer({ key: KEY, cert: CERTIFICATE }, listener))
  plain.put('/a', 'plain')
  encrypted.put('/a', 'encrypted')
  const [plainUrl, encryptedUrl] = [plain.url('/a'), encrypted.url('/a', 'https:')]
  const ask = async (env: Record<string, string>): Promise<string[]> => {
    const client = new ReleaseClient(env, IMPATIENT, CERTIFICATE)
    proxy.asked.length = 0
    t.equal(await (await client.get(plainUrl, {}, signal)).body.text(), 'plain')
    t.equal(await (await client.get(encryptedUrl, {}, signal)).body.text(), 'encrypted')
    await client.close()
    return proxy.asked
  }
  const [get, connect] = [`GET ${plainUrl.href}`, `CONNECT ${encryptedUrl.host}`]
  t.strictSame(await ask({}), [])
  t.strictSame(await ask({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url }), [get, connect])
  t.strictSame(await ask({ http_proxy: proxy.url }), [get, connect], 'one proxy for both')
  t.strictSame(await ask({ HTTPS_PROXY: proxy.url }), [connect])
  t.strictSame(await ask({ https_proxy: '', HTTPS_PROXY: proxy.url }), [connect], 'what is empty is not set')
  t.strictSame(await ask({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1' }), [])
  t.strictSame(await ask({ HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: proxy.url }), [get, connect], 'lower case wins')
  const withPassword = proxy.url.replace('//', '//user:p4ss@')
  await ask({ HTTP_PROXY: withPassword })
  const authorization = `Basic ${Buffer.from('user:p4ss').toString('base64')}`
  t.strictSame(proxy.authorizations, [authorization, authorization])
  t.notOk(plain.requests.some(({ headers }) => 'proxy-authorization' in headers), 'which the server is not told')
})

t.test('a proxy that is none', async t => {
  for (const [name, value] of [['HTTPS_PROXY', 'user:p4ssw0rd@proxy'], ['http_proxy', 'socks5://user:p4ssw0rd@proxy']] as const) {
    t.throws(() => new ReleaseClient({ [name]: value }, IMPATIENT), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT', message: new RegExp(`^environment variable ${name} cannot be "[^"]*proxy": use an http`) })
    t.throws(() => new ReleaseClient({ [name]: value }, IMPATIENT), { message: /^(?!.*p4ssw0rd)/ })
  }
  const client = new ReleaseClient({ HTTP_PROXY: 'http://user:p4ssw0rd@127.0.0.1:1' }, IMPATIENT)
  t.teardown(() => client.close())
  await t.rejects(client.get(new URL('http://example.com/'), {}, signal), { message: /^(?!.*p4ssw0rd).*ECONNREFUSED/ })
})
