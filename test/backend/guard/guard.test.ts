import { networkInterfaces } from 'node:os'
import { request } from 'node:http'
import { once } from 'node:events'
import t from 'tap'
import { Guard, isLoopback } from '../../../lib/backend/guard/guard.ts'
import { runningBackend } from '../running-backend.ts'

const TOKEN = 'a-token-that-nobody-knows'

t.test('names of this machine', async t => {
  for (const name of ['localhost', 'LOCALHOST', 'a.localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]']) t.ok(isLoopback(name), name)
  for (const name of ['', 'localhost.evil.example', '127.0.0.1.nip.io', '0.0.0.0', '::', '192.168.0.1', 'evil.example', '127.0.0.1:80']) t.notOk(isLoopback(name), name)
})

t.test('pages of other sites are kept out', async t => {
  const guard = new Guard()
  const host = '127.0.0.1:4318'
  for (const headers of [{ host }, { host: 'localhost' }, { host: '[::1]:4318' }, { host, origin: `http://${host}` }, { host, 'sec-fetch-site': 'same-origin' },
    { host, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }]) t.equal(guard.check(headers, false), undefined, JSON.stringify(headers))
  for (const headers of [{}, { host: 'evil.example' }, { host: 'evil.example:4318', origin: 'http://evil.example:4318' }, { host, origin: 'http://evil.example' }, { host, origin: 'null' },
    { host, origin: 'http://127.0.0.1:3000' }, { host, origin: '' }, { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, { host, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' }]) t.match(guard.check(headers, true), { status: 403 }, JSON.stringify(headers))
  const link = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  t.equal(guard.check(link, true), undefined, 'a link may lead to a page')
  t.match(guard.check(link, false), { status: 403 }, 'and nowhere else')
})

t.test('with a token, nobody comes in without it', async t => {
  const guard = new Guard(TOKEN)
  const basic = (password: string): string => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, basic(TOKEN)]) t.equal(guard.check({ host: 'any.example', authorization }, false), undefined)
  t.equal(guard.check({ host: 'any.example' }, false, TOKEN), undefined)
  for (const authorization of [undefined, '', 'Bearer', `Bearer ${TOKEN}x`, basic(''), `Digest ${TOKEN}`]) {
    t.match(guard.check({ host: 'any.example', ...authorization !== undefined && { authorization } }, false), { status: 401 }, authorization ?? 'nothing')
  }
  t.match(guard.check({ host: 'any.example' }, false, 'wrong'), { status: 401 })
})

/** What fetch() does not let one send. */
async function status (url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const asked = request(url, { headers }).end()
  const [response] = await once(asked, 'response')
  response.resume()
  return response.statusCode
}

t.test('every address is guarded, and answers say what browsers may do with them', async t => {
  const backend = await runningBackend(t, { token: TOKEN, host: '0.0.0.0' })
  for (const url of [backend.url, backend.clickhouseUrl].map(address => address.replace('0.0.0.0', '127.0.0.1'))) {
    t.ok([401, 403].includes((await status(`${url}/`, {}))!))
    t.equal(await status(`${url}/`, { authorization: `Bearer ${TOKEN}` }), 200)
    t.equal(await status(`${url}/`, { authorization: `Bearer ${TOKEN}`, origin: 'http://evil.example' }), 403)
    const answer = await fetch(`${url}/`)
    t.match(answer.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'/)
    t.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  }
  const clickhouse = backend.clickhouseUrl.replace('0.0.0.0', '127.0.0.1')
  t.equal(await status(`${clickhouse}/?query=SELECT+1&password=${TOKEN}`, {}), 200)
  t.equal(await status(`${clickhouse}/?query=SELECT+1`, { 'x-clickhouse-user': 'default', 'x-clickhouse-key': TOKEN }), 200)
  await backend.close()
})

t.test('without a token, no other address and no other name is answered', async t => {
  const backend = await runningBackend(t)
  for (const url of [backend.url, backend.clickhouseUrl]) {
    t.equal(await status(`${url}/`, { host: 'rebound.example' }), 403)
    t.equal(await status(`${url}/`, { host: 'localhost:1' }), 200)
    const other = Object.values(networkInterfaces()).flat().find(address => address?.internal === false && address.family === 'IPv4')
    if (other !== undefined) await t.rejects(fetch(url.replace('127.0.0.1', other.address)))
  }
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  for (const path of ['/', '/traces/abc', '/runs']) {
    t.equal(await status(`${backend.url}${path}`, link), 200, path)
    t.equal(await status(`${backend.url}${path}`, { ...link, 'sec-fetch-dest': 'iframe' }), 403, path)
  }
  for (const url of [`${backend.url}/api/queries/pipeline`, `${backend.url}/%61pi/queries/pipeline/`, `${backend.url}/api/live`, `${backend.url}/v1/traces`, `${backend.clickhouseUrl}/?query=SELECT+1`, `${backend.clickhouseUrl}/ping`]) {
    t.equal(await status(url, link), 403, url)
  }
})

t.test('whoever is sent away is told why in the form of the address', async t => {
  const backend = await runningBackend(t, { token: TOKEN })
  const authorization = `Bearer ${TOKEN}`
  const refusals = [
    { headers: {}, status: 401, code: 'UNAUTHENTICATED', error: 'Unauthorized', number: 16, message: /token is missing or wrong/ },
    { headers: { authorization, origin: 'http://evil.example' }, status: 403, code: 'PERMISSION_DENIED', error: 'Forbidden', number: 7, message: /is another site/ },
    { headers: { authorization }, status: 404, code: 'NOT_FOUND', error: 'Not Found', number: 5, message: /there is nothing at .*nowhere/ }
  ]
  for (const { headers, status, code, error, number, message } of refusals) {
    for (const path of ['/api/nowhere', '/nowhere', '/api/queries/nowhere/else']) {
      const answer = await fetch(`${backend.url}${path}`, { headers })
      t.match(answer.headers.get('content-type'), /^application\/json/)
      t.match([answer.status, await answer.json()], [status, { statusCode: status, code, error, message }], `${status} of ${path}`)
    }
    const init = { method: 'POST', body: '{}' }
    const json = await fetch(`${backend.url}/v1/nowhere`, { ...init, headers: { ...headers, 'content-type': 'application/json' } })
    t.match([json.status, await json.json()], [status, { code: number, message }])
    const protobuf = await fetch(`${backend.url}/v1/nowhere`, { ...init, headers: { ...headers, 'content-type': 'application/x-protobuf' } })
    t.equal(protobuf.headers.get('content-type'), 'application/x-protobuf')
    const bytes = Buffer.from(await protobuf.arrayBuffer())
    t.strictSame([protobuf.status, bytes[0], bytes[1], bytes[2]], [status, 0x08, number, 0x12])
    t.match(bytes.toString(), message)
  }
  for (const path of ['/api', '/api/', '/api/nowhere']) {
    const answer = await fetch(`${backend.url}${path}`, { headers: { authorization } })
    t.match([answer.status, await answer.json()], [404, { message: /GET \/api\/queries$/ }], path)
  }
  t.equal((await fetch(`${backend.url}/api/queries`, { headers: { authorization } })).status, 200)
  t.equal((await fetch(`${backend.url}/api/queries/nowhere`, { headers: { authorization } })).headers.get('content-type'), 'application/json; charset=utf-8')
})
