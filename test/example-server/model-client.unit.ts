import { once } from 'node:events'
import t from 'tap'
import type { ModelReply } from '../../example-server/agent/chat-message.ts'
import { ModelClient } from '../../example-server/agent/model-client.ts'
import { TOOLS } from '../../example-server/tools/tools.ts'
import { freePort } from '../fixtures/free-port.ts'
import { answerWith, scriptedProvider, type ScriptedProvider } from './scripted-provider.ts'

const MESSAGES = [{ role: 'user', content: 'Hello' }] as const
const ANSWER = { choices: [{ message: { role: 'assistant', content: 'Hi' } }], usage: { prompt_tokens: 3, completion_tokens: 1 } }
const OVERLOADED = answerWith(429, { error: 'slow down' }, { 'retry-after': '0' })

function clientOf ({ baseUrl }: Pick<ScriptedProvider, 'baseUrl'>, apiKey?: string, timeoutMs = 5_000): ModelClient {
  return new ModelClient({ baseUrl, apiKey, model: 'small', timeoutMs }, TOOLS)
}

function options (signal = new AbortController().signal): { signal: AbortSignal, log: { warn: () => void }, warnings: () => number } {
  let warnings = 0
  return { signal, log: { warn: () => { warnings++ } }, warnings: () => warnings }
}

async function read (pieces: AsyncGenerator<string, ModelReply>): Promise<{ pieces: string[], reply: ModelReply }> {
  const seen: string[] = []
  for (;;) {
    const next = await pieces.next()
    if (next.done === true) return { pieces: seen, reply: next.value }
    seen.push(next.value)
  }
}

const events = (...chunks: object[]): string => [...chunks.map(chunk => JSON.stringify(chunk)), '[DONE]'].map(data => `data: ${data}\n\n`).join('')
const delta = (delta: object): object => ({ choices: [{ delta }] })

t.test('a reply in one piece', async t => {
  const provider = await scriptedProvider(t, answerWith(200, ANSWER))
  const { pieces, reply } = await read(clientOf(provider, 'secret').complete(MESSAGES, options()))
  t.strictSame(pieces, ['Hi'])
  t.strictSame(reply, { content: 'Hi', toolCalls: [], usage: { promptTokens: 3, completionTokens: 1 } })
  t.match(provider.calls, [{ headers: { authorization: 'Bearer secret' }, body: { model: 'small', messages: MESSAGES } }])
  t.strictSame(provider.calls[0]?.body.tools.map((tool: any) => tool.function.name), ['current_time', 'calculate', 'count_words'])
})

t.test('no key, no authorization', async t => {
  const provider = await scriptedProvider(t, answerWith(200, ANSWER))
  await read(clientOf(provider).complete(MESSAGES, options()))
  t.notHas(provider.calls[0]?.headers, { authorization: String })
})

t.test('a streamed reply, cut into single bytes', async t => {
  const body = Buffer.from(events(delta({ role: 'assistant', content: '' }), delta({ content: 'Grü' }), delta({ content: 'ße 👋' }),
    { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }))
  const provider = await scriptedProvider(t, response => {
    response.socket?.setNoDelay(true)
    for (const byte of body) response.write(Uint8Array.of(byte))
    response.end()
  })
  const { pieces, reply } = await read(clientOf(provider).stream(MESSAGES, options()))
  t.strictSame(pieces, ['Grü', 'ße 👋'])
  t.strictSame(reply, { content: 'Grüße 👋', toolCalls: [], usage: { promptTokens: 3, completionTokens: 2 } })
  t.match(provider.calls[0]?.body, { stream: true, stream_options: { include_usage: true } })
})

t.test('streamed tool calls are put together', async t => {
  const call = (index: number, part: object): object => delta({ tool_calls: [{ index, ...part }] })
  const provider = await scriptedProvider(t, answerWith(200, events(
    call(0, { id: 'a', type: 'function', function: { name: 'calculate', arguments: '' } }),
    call(0, { function: { arguments: '{"expres' } }),
    call(1, { id: 'b', function: { name: 'current_time', arguments: '{}' } }),
    call(0, { function: { arguments: 'sion":"1"}' } })
  )))
  const { reply } = await read(clientOf(provider).stream(MESSAGES, options()))
  t.strictSame(reply.toolCalls, [
    { id: 'a', type: 'function', function: { name: 'calculate', arguments: '{"expression":"1"}' } },
    { id: 'b', type: 'function', function: { name: 'current_time', arguments: '{}' } }
  ])
})

t.test('a stream that ends or breaks off early is no reply', async t => {
  const ended = await scriptedProvider(t, answerWith(200, `data: ${JSON.stringify(delta({ content: 'Hi' }))}\n\n`))
  await t.rejects(read(clientOf(ended).stream(MESSAGES, options())), { code: 'MODEL_FAILED', statusCode: 502, message: /ended early/ })
  const broken = await scriptedProvider(t, response => {
    response.write(`data: ${JSON.stringify(delta({ content: 'Hi' }))}\n\n`, () => { response.destroy() })
  })
  await t.rejects(read(clientOf(broken).stream(MESSAGES, options())), { code: 'MODEL_FAILED', message: /broke off/ })
  const garbled = await scriptedProvider(t, answerWith(200, 'data: {"choi\n\n'))
  await t.rejects(read(clientOf(garbled).stream(MESSAGES, options())), { code: 'MODEL_FAILED', message: /broke off/ })
})

t.test('an answer that is no JSON is no reply', async t => {
  const provider = await scriptedProvider(t, answerWith(200, '<html>'))
  await t.rejects(read(clientOf(provider).complete(MESSAGES, options())), { code: 'MODEL_FAILED', message: /could not be read/ })
})

t.test('failures that may pass are tried again', async t => {
  const provider = await scriptedProvider(t, OVERLOADED, answerWith(503, 'busy'), answerWith(200, ANSWER))
  const told = options()
  const { reply } = await read(clientOf(provider).complete(MESSAGES, told))
  t.equal(reply.content, 'Hi')
  t.equal(provider.calls.length, 3)
  t.equal(told.warnings(), 2)
})

t.test('three times at most', async t => {
  const provider = await scriptedProvider(t, answerWith(500, 'broken'))
  await t.rejects(read(clientOf(provider).stream(MESSAGES, options())), { code: 'MODEL_FAILED', message: /status 500 broken/ })
  t.equal(provider.calls.length, 3)
})

t.test('what will not pass is not tried again', async t => {
  const refused = await scriptedProvider(t, answerWith(401, 'who are you?'))
  await t.rejects(read(clientOf(refused).complete(MESSAGES, options())), { message: /status 401 who are you/ })
  t.equal(refused.calls.length, 1)
  const tomorrow = await scriptedProvider(t, answerWith(429, '', { 'retry-after': '3600' }))
  await t.rejects(read(clientOf(tomorrow).complete(MESSAGES, options())), { message: /status 429/ })
  t.equal(tomorrow.calls.length, 1, 'nobody waits an hour')
})

t.test('a provider that is not there', async t => {
  const told = options()
  await t.rejects(read(clientOf({ baseUrl: `http://127.0.0.1:${await freePort()}/v1` }).complete(MESSAGES, told)), { code: 'MODEL_FAILED', message: /ECONNREFUSED/ })
  t.equal(told.warnings(), 2)
})

t.test('a call that takes too long', async t => {
  const provider = await scriptedProvider(t, () => {})
  await t.rejects(read(clientOf(provider, undefined, 50).complete(MESSAGES, options())), { code: 'MODEL_FAILED', message: /timeout/ })
  t.equal(provider.calls.length, 1)
})

t.test('whoever leaves ends the call, with the reason given', async t => {
  const leaving = new AbortController()
  const closed = Promise.withResolvers<void>()
  const provider = await scriptedProvider(t, response => {
    response.write(`data: ${JSON.stringify(delta({ content: 'Hi' }))}\n\n`)
    void once(response, 'close').then(() => { closed.resolve() })
  })
  const pieces = clientOf(provider).stream(MESSAGES, options(leaving.signal))
  t.strictSame(await pieces.next(), { done: false, value: 'Hi' })
  leaving.abort(new Error('gone'))
  await t.rejects(pieces.next(), /gone/)
  await closed.promise
})

t.test('also while it waits for another try', async t => {
  const leaving = new AbortController()
  const provider = await scriptedProvider(t, answerWith(429, '', { 'retry-after': '4' }))
  const log = { warn: () => { leaving.abort(new Error('gone')) } }
  await t.rejects(read(clientOf(provider).complete(MESSAGES, { signal: leaving.signal, log })), /gone/)
})
