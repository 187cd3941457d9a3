/** What `fetch` must not change: bytes, their pace, who may stop when. */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { DONE, MESSAGE_ANSWER, chatChunk, chatUsage, events, json, modelProvider, stallsAfter } from './model-provider.ts'
import { observedAgents, onlyCall } from './observed-agents.ts'
import { until } from '../request/observed-app.ts'

const CHAT = { method: 'POST', body: JSON.stringify({ model: 'm', messages: [], stream: true }) }
const eventText = (event: object): string => `data: ${JSON.stringify(event)}\n\n`

t.test('bytes are what the provider sent, however it splits them', async t => {
  const agents = await observedAgents(t)
  let parts: Uint8Array[] = []
  const { url } = await modelProvider(t, async response => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'r1' })
    for (const part of parts) await new Promise(resolve => { response.write(part, resolve) })
    response.end()
  })
  const part = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.string({ unit: 'grapheme', minLength: 1 }).map(text => Buffer.from(eventText(chatChunk({ content: text })))))
  await fc.assert(fc.asyncProperty(fc.array(part, { maxLength: 8 }), async generated => {
    parts = generated
    const response = await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)
    return Buffer.from(await response.arrayBuffer()).equals(Buffer.concat(parts))
  }), { numRuns: 40 })
  t.strictSame(agents.faults, [])
})

t.test('events under another content type, or none, where a stream was asked for', async t => {
  const text = `${eventText(chatChunk({ content: 'a' }))}${eventText(chatChunk({ content: 'b' }, 'stop'))}${eventText(chatUsage(9, 2))}${DONE}`
  const beginnings = ['', ': keep-alive\n\n', '\n\r\n', '\uFEFF', 'event: x\n', 'id: 7\n', 'retry:1\n']
  const types = [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/octet-stream' }, { 'content-type': 'application/json; charset=utf-8' }]
  for (const [at, beginning] of beginnings.entries()) {
    const agents = await observedAgents(t)
    const { url } = await modelProvider(t, async response => {
      response.writeHead(200, types[at % types.length])
      response.flushHeaders()
      for (const byte of Buffer.from(beginning + text).subarray(0, 12)) await new Promise(resolve => { response.write(Buffer.of(byte), resolve) })
      response.end(Buffer.from(beginning + text).subarray(12))
    })
    const body = await (await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)).arrayBuffer()
    t.ok(Buffer.from(body).equals(Buffer.from(beginning + text)))
    t.match(await onlyCall(agents), { outcome: 'ok', chunk_count: 2, input_tokens: 9, output_tokens: 2, usage_estimated: false }, JSON.stringify(beginning))
  }
})

t.test('any other body is not taken for events', async t => {
  const plain = { method: 'POST', body: JSON.stringify({ model: 'm', messages: [] }) }
  const text = eventText(chatChunk({ content: 'a' }))
  const cases: Array<[name: string, init: RequestInit, body: string, status: number, expected: object]> = [
    ['JSON, although a stream was asked for', CHAT, JSON.stringify(MESSAGE_ANSWER), 200, { outcome: 'ok', output_tokens: 7, chunk_count: 0 }],
    ['an error', CHAT, `data: ${JSON.stringify({ error: { message: 'no' } })}\n\n`, 500, { outcome: 'error', error_type: '500', chunk_count: 0 }],
    ['nobody asked for a stream', plain, text, 200, { outcome: 'ok', output_tokens: 0, chunk_count: 0 }],
    ['a text', CHAT, 'dated, idle, eventful', 200, { outcome: 'ok', output_tokens: 0, chunk_count: 0 }],
    ['blank lines', CHAT, '\n'.repeat(500), 200, { outcome: 'ok', output_tokens: 0, chunk_count: 0 }],
    ['too little to tell', CHAT, 'dat', 200, { outcome: 'ok', output_tokens: 0, chunk_count: 0 }],
    ['nothing', CHAT, '', 200, { outcome: 'ok', output_tokens: 0, chunk_count: 0 }]
  ]
  for (const [name, init, body, status, expected] of cases) {
    const agents = await observedAgents(t)
    const { url } = await modelProvider(t, response => { response.writeHead(status, { 'content-type': 'text/plain' }).end(body) })
    t.equal(await (await agents.telemetry.fetch(`${url}/v1/chat/completions`, init)).text(), body)
    t.match(await onlyCall(agents), expected, name)
    t.strictSame(agents.faults, [])
  }
})

t.test('the response is the provider\'s in all that can be asked of it', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, json(MESSAGE_ANSWER, 201, { 'x-request-id': 'r1' }))
  const target = `${url}/v1/messages`
  const init = { method: 'POST', body: JSON.stringify({ model: 'm', messages: [] }) }
  const plain = await fetch(target, init)
  const watched = await agents.telemetry.fetch(target, init)
  for (const name of ['status', 'statusText', 'ok', 'url', 'type', 'redirected', 'bodyUsed'] as const) t.equal(watched[name], plain[name], name)
  const without = (headers: Headers): unknown => [...headers].filter(([name]) => name !== 'date')
  t.strictSame(without(watched.headers), without(plain.headers))
  t.ok(watched instanceof Response)
  const copy = watched.clone()
  t.strictSame(await copy.json(), await plain.json())
  t.strictSame(await watched.json(), MESSAGE_ANSWER)
  t.equal((await onlyCall(agents)).outcome, 'ok', 'once, also where it was cloned')
})

t.test('a reader with a buffer of its own', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, events(chatChunk({ content: 'a' }, 'stop'), DONE))
  const { body } = await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)
  const reader = body!.getReader({ mode: 'byob' })
  let text = ''
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(7))
    if (done) break
    text += Buffer.from(value).toString()
  }
  t.equal(text, `${eventText(chatChunk({ content: 'a' }, 'stop'))}${DONE}`)
  t.match(await onlyCall(agents), { outcome: 'ok', output_tokens: 1 })
})

t.test('each chunk is there before the next one is sent', async t => {
  const agents = await observedAgents(t)
  let send!: (text: string) => void
  const { url } = await modelProvider(t, response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    send = text => { response.write(text) }
  })
  const { body } = await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)
  const reader = body!.getReader()
  for (const content of ['a', 'b', 'c']) {
    send(eventText(chatChunk({ content })))
    const { value } = await reader.read()
    t.equal(Buffer.from(value!).toString(), eventText(chatChunk({ content })))
  }
  await reader.cancel()
  t.match(await onlyCall(agents), { outcome: 'incomplete', output_tokens: 3, chunk_count: 3 })
})

t.test('back-pressure is the provider\'s: what nobody reads is not read', async t => {
  const agents = await observedAgents(t)
  const chunk = Buffer.from(eventText(chatChunk({ content: 'x'.repeat(65_536) })))
  const written = async (fetcher: typeof fetch): Promise<number> => {
    let count = 0
    const { promise: blocked, resolve } = Promise.withResolvers<void>()
    const { url } = await modelProvider(t, async response => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (; count < 2_000; count++) {
        if (response.write(chunk)) continue
        const drained = await Promise.race([once(response, 'drain').then(() => true), wait(200, false)])
        if (!drained) return resolve()
      }
      resolve()
    })
    const { body } = await fetcher(`${url}/v1/chat/completions`, CHAT)
    const reader = body!.getReader()
    await reader.read()
    await blocked
    await reader.cancel()
    return count
  }
  // How much sockets take is the system's affair; both stop long before the 131 MB are through.
  for (const fetcher of [fetch, agents.telemetry.fetch]) t.ok(await written(fetcher) < 500)
})

t.test('an answer whose body nobody reads is not waited for after its response is gone, and is open until then', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, stallsAfter(chatChunk({ content: 'a' })))
  await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)
  t.strictSame(agents.rows.rows('provider_traces'), [])
  await agents.close()
  t.match(await onlyCall(agents), { outcome: 'incomplete', output_tokens: 0 })
  t.equal(agents.rows.flushes, 1)
})

t.test('headers that never come, and then the signal', async t => {
  const agents = await observedAgents(t)
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const { url } = await modelProvider(t, () => { resolve() })
  const controller = new AbortController()
  const answer = agents.telemetry.fetch(`${url}/v1/chat/completions`, { ...CHAT, signal: controller.signal })
  await asked
  controller.abort()
  await t.rejects(answer, { name: 'AbortError' })
  t.match(await onlyCall(agents), { outcome: 'cancelled', error_type: 'AbortError' })
})

t.test('a Request, bytes, and a body that can be read only once', async t => {
  const agents = await observedAgents(t)
  const { url, requests } = await modelProvider(t, json({ ...MESSAGE_ANSWER, model: 'from-answer' }))
  const body = JSON.stringify({ model: 'asked', messages: [] })
  const target = `${url}/v1/messages`
  const inputs: Array<[string | URL | Request, RequestInit?]> = [
    [new URL(target), { method: 'post', body: Buffer.from(body) }],
    [new Request(target, { method: 'POST', body })],
    [target, { method: 'POST', body: new Blob([body]).stream(), duplex: 'half' } as RequestInit]
  ]
  for (const [input, init] of inputs) await (await agents.telemetry.fetch(input, init)).text()
  t.strictSame(requests.map(({ body }) => body), [JSON.parse(body), JSON.parse(body), JSON.parse(body)])
  await until(() => agents.rows.rows('provider_traces').length === 3, 'three calls')
  t.match(agents.rows.rows('provider_traces'), [
    { model: 'asked', response_model: 'from-answer' }, { model: '', response_model: 'from-answer' }, { model: '', response_model: 'from-answer' }
  ])
})

t.test('what is no request is refused as fetch does', async t => {
  const agents = await observedAgents(t)
  await t.rejects(agents.telemetry.fetch('no url'), TypeError)
  await t.rejects(agents.telemetry.fetch('http://[', { method: 'POST', body: '{}' }), TypeError)
  t.strictSame(agents.faults, [])
})

t.test('an answer that was dropped unread ends when its memory is taken back', async t => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, stallsAfter(chatChunk({ content: 'a' })))
  await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)
  await until(() => {
    collectGarbage()
    return agents.rows.rows('provider_traces').length > 0
  }, 'the end of the call')
  t.match(await onlyCall(agents), { outcome: 'incomplete' })
})

t.test('an answer of which no other Response can be made is handed on as it is', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, response => { response.writeHead(999, { 'content-type': 'text/event-stream' }).end('denied') })
  const refused = await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)
  t.equal(refused.status, 999)
  t.equal(await refused.text(), 'denied')
  t.match(await onlyCall(agents), { outcome: 'error', error_type: '999' })
})

t.test('a reason phrase that no Response takes', async t => {
  const agents = await observedAgents(t)
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => { socket.end(Buffer.from('HTTP/1.1 400 Requ\u00eate\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}', 'latin1')) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`
  const refused = await agents.telemetry.fetch(target, CHAT)
  t.equal(refused.statusText, (await fetch(target, CHAT)).statusText)
  t.equal(await refused.text(), '{}')
  t.match(await onlyCall(agents), { outcome: 'error', error_type: '400' })
})
