import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { useEnvironment } from '../fixtures/environment.ts'
import { buildProvider } from '../../example-server/model/build-provider.ts'
import { chooseReply } from '../../example-server/model/choose-reply.ts'
import { tokensOf } from '../../example-server/model/tokens.ts'
import { TOOLS } from '../../example-server/tools/tools.ts'

useEnvironment({ NODE_ENV: 'test' })

const TOOL_NAMES = TOOLS.map(({ name }) => ({ function: { name } }))
const chosen = (content: string, tools = TOOL_NAMES) => chooseReply({ messages: [{ role: 'user', content }], tools })

/** @param random gives its numbers one after the other, the last one again and again */
async function provider (t: Test, failureRate: number, ...random: number[]): Promise<Awaited<ReturnType<typeof buildProvider>>> {
  const next = (): number => (random.length > 1 ? random.shift() : random[0]) ?? 0.5
  const app = await buildProvider({ port: 0, logLevel: 'silent', behaviour: { failureRate, firstTokenMs: 1, tokenMs: 0, random: next } })
  t.teardown(async () => { await app.close() })
  return app
}

const ask = (body: object): object => ({ method: 'POST', url: '/v1/chat/completions', body: { model: 'small', tools: TOOL_NAMES, ...body } })
const TIME = { messages: [{ role: 'user', content: 'What time is it?' }] }

t.test('the model wants a tool where one helps', async t => {
  t.strictSame(chosen('What is (17 + 4) * 2?').toolCall, { name: 'calculate', arguments: { expression: '(17 + 4) * 2' } })
  t.strictSame(chosen('What is 6 * 7?').toolCall, { name: 'calculate', arguments: { expression: '6 * 7' } })
  t.strictSame(chosen('What time is it?').toolCall, { name: 'current_time', arguments: {} })
  t.strictSame(chosen('What time is it in Europe/Berlin?').toolCall, { name: 'current_time', arguments: { time_zone: 'Europe/Berlin' } })
  t.strictSame(chosen('Count the words: one two').toolCall, { name: 'count_words', arguments: { text: 'one two' } })
  t.equal(chosen('What is 6 * 7?', []).toolCall, undefined, 'not one it was not offered')
  t.equal(chosen('Tell me something.').toolCall, undefined)
})

t.test('it answers with what the tool returned', async t => {
  t.strictSame(chooseReply({ messages: [{ role: 'tool', tool_call_id: 'a', content: '42' }] }), { text: 'The tool says: 42' })
})

t.test('tokens make up the text', async t => {
  const sentence = 'A considerable number of words, and  two spaces.'
  t.equal(tokensOf(sentence).join(''), sentence)
})

t.test('a completion in one piece', async t => {
  const app = await provider(t, 0)
  const response = await app.inject(ask(TIME))
  t.match(response.json(), {
    object: 'chat.completion',
    model: 'small',
    choices: [{ message: { content: null, tool_calls: [{ type: 'function', function: { name: 'current_time', arguments: '{}' } }] }, finish_reason: 'tool_calls' }],
    usage: { prompt_tokens: Number, completion_tokens: Number, total_tokens: Number }
  })
})

t.test('a streamed completion', async t => {
  const app = await provider(t, 0)
  const { headers, body } = await app.inject(ask({ messages: [{ role: 'user', content: 'Hello' }], stream: true }))
  t.match(headers, { 'content-type': 'text/event-stream' })
  const events = body.trimEnd().split('\n\n').map(line => line.replace('data: ', ''))
  t.equal(events.pop(), '[DONE]')
  const chunks = events.map(data => JSON.parse(data))
  t.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), chosen('Hello').text)
  t.match(chunks.at(-2), { choices: [{ finish_reason: 'stop' }] })
  t.match(chunks.at(-1), { choices: [], usage: { total_tokens: Number } })
})

t.test('calls fail as often as they should', async t => {
  const overloaded = await (await provider(t, 1, 0, 0.5, 0.1)).inject(ask(TIME))
  t.equal(overloaded.statusCode, 429)
  t.equal(overloaded.headers['retry-after'], '1')
  const fault = await (await provider(t, 1, 0, 0.9)).inject(ask(TIME))
  t.equal(fault.statusCode, 500)
})

t.test('a stream may break on its way', async t => {
  const app = await provider(t, 1, 0, 0.1)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'small', stream: true, ...TIME })
  })
  t.equal(response.status, 200)
  await t.rejects(text(Readable.fromWeb(response.body as never)), { message: /terminated/ })
})

t.test('requests are checked', async t => {
  const app = await provider(t, 0)
  t.equal((await app.inject({ method: 'POST', url: '/v1/chat/completions', body: { messages: [] } })).statusCode, 400)
  t.equal((await app.inject({ method: 'GET', url: '/v1/health' })).statusCode, 200)
})
