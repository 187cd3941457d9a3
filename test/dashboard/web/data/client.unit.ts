import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { ask, AskError, queryUrl } from '../../../../lib/dashboard/web/data/client.ts'

type Test = { teardown (close: () => void): unknown }

async function serve (t: Test, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => { answer(response) })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('what was not said is not asked', async t => {
  t.equal(queryUrl('traces', { from: '-15m', service: '', text: "a b'", limit: 5, route: undefined }), '/api/queries/traces?from=-15m&text=a+b%27&limit=5')
})

t.test('an answer', async t => {
  t.strictSame(await ask(await serve(t, response => { response.end('{"rows":[]}') })), { rows: [] })
})

t.test('why there is none', async t => {
  const refused = await serve(t, response => { response.writeHead(400).end('{"code":"LETTA_OTEL_SQL_REFUSED","message":"no"}') })
  await t.rejects(ask(refused), Object.assign(new AskError({ code: '', message: 'no' }), { code: 'LETTA_OTEL_SQL_REFUSED' }))
  await t.rejects(ask(await serve(t, response => { response.writeHead(502).end('<html>') })), { code: 'HTTP_502', message: 'Bad Gateway' })
  await t.rejects(ask('http://127.0.0.1:1'), { code: 'UNREACHABLE' })
})

t.test('an answer that is given up on its way is none', async t => {
  const leaving = new AbortController()
  const half = await serve(t, response => {
    response.write('{"rows":')
    setImmediate(() => { leaving.abort() })
  })
  await t.rejects(ask(half, { signal: leaving.signal }), { name: 'AbortError' })
})
