import { gunzipSync } from 'node:zlib'
import fastify from 'fastify'
import t from 'tap'
import { dashboardPage, pageFiles } from '../../lib/dashboard/page.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** What the page may come to over the wire. */
const LARGEST_BYTES = 150_000

t.test('files of the page', async t => {
  const directory = temporaryDirectory(t, {
    'index.html': '<!doctype html><script src="/main.js"></script>', 'main.js': 'let a', 'main.css': 'a {}', 'icon.svg': '<svg/>', 'notes.md': 'not for it'
  })
  const files = await pageFiles(directory)
  t.strictSame([...files.keys()].sort(), ['/', '/icon.svg', '/main.css', '/main.js'])
  const app = fastify()
  await app.register(dashboardPage, { directory })

  const page = await app.inject('/')
  t.match(page.headers, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': /default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    etag: /^"[\w-]{22}"$/
  })
  t.notMatch(page.headers['content-security-policy'], 'unsafe')
  for (const view of ['/traces', '/traces/abc', '/runs', '/runs/run-1', '/logs', '/metrics', '/sql']) t.equal((await app.inject(view)).body, page.body, view)
  t.equal((await app.inject({ url: '/', headers: { 'if-none-match': String(page.headers.etag) } })).statusCode, 304)
  t.equal((await app.inject('/notes.md')).statusCode, 404)
  t.equal((await app.inject('/../package.json')).statusCode, 404)

  const packed = await app.inject({ url: '/main.js', headers: { 'accept-encoding': 'br, gzip' } })
  t.match(packed.headers, { 'content-encoding': 'gzip', 'content-type': 'text/javascript; charset=utf-8', vary: 'accept-encoding' })
  t.equal(gunzipSync(packed.rawPayload).toString(), 'let a')
  t.equal((await app.inject({ url: '/main.js', headers: { 'accept-encoding': 'gzip;q=0' } })).body, 'let a')
})

t.test('the built page is small, and has nothing inline', async t => {
  const files = await pageFiles()
  t.strictSame([...files.keys()].sort(), ['/', '/icon.svg', '/licenses.txt', '/main.css', '/main.js'])
  const bytes = [...files.values()].reduce((sum, { gzip }) => sum + gzip.length, 0)
  t.ok(bytes <= LARGEST_BYTES, `${bytes} bytes`)
  const html = files.get('/')!.body.toString()
  t.notMatch(html, /<style|<script(?![^>]* src=)|style="|onload=|https?:\/\//)
})
