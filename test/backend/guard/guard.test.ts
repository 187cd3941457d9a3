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
    { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }]) t.equal(guard.check(headers), undefined, JSON.stringify(headers))
  for (const headers of [{}, { host: 'evil.example' }, { host: 'evil.example:4318', origin: 'http://evil.example:4318' }, { host, origin: 'http://evil.example' }, { host, origin: 'null' },
    { host, origin: 'http://127.0.0.1:3000' }, { host, origin: '' }, { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }]) t.match(guard.check(headers), { status: 403 }, JSON.stringify(headers))
})

t.test('with a token, nobody comes in without it', async t => {
  const guard = new Guard(TOKEN)
  const basic = (password: string): string => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, basic(TOKEN)]) t.equal(guard.check({ host: 'any.example', authorization }), undefined)
  t.equal(guard.check({ host: 'any.example' }, TOKEN), undefined)
  for (const authorization of [undefined, '', 'Bearer', `Bearer ${TOKEN}x`, basic(''), `Digest ${TOKEN}`]) {
    t.match(guard.check({ host: 'any.example', ...authorization !== undefined && { authorization } }), { status: 401 }, authorization ?? 'nothing')
  }
  t.match(guard.check({ host: 'any.example' }, 'wrong'), { status: 401 })
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
})
