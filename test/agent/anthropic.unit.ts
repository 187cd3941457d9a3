/** Anthropic's own client over `fetch`. */
import Anthropic from '@anthropic-ai/sdk'
import t from 'tap'
import {
  BLOCK_STOP, MESSAGE_ANSWER, MESSAGE_START, MESSAGE_STOP, TEXT_START, diesAfter, events, json, messageDelta, modelProvider, stallsAfter, textDelta, type Answer
} from './model-provider.ts'
import { type ObservedAgentsForTest, drain, observedAgents, onlyCall } from './observed-agents.ts'

const QUESTION = { model: 'claude-example', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] }
const PRICES = { version: 'v7', models: { 'claude-example': { input: 3, output: 15 } } }

async function start (t: Parameters<typeof observedAgents>[0], ...answers: Answer[]): Promise<ObservedAgentsForTest & { anthropic: Anthropic }> {
  const agents = await observedAgents(t, { prices: PRICES })
  const { url } = await modelProvider(t, ...answers)
  return { ...agents, anthropic: new Anthropic({ apiKey: 'sk-ant-test', baseURL: url, fetch: agents.telemetry.fetch, maxRetries: 0 }) }
}

t.test('a plain message: what came from the cache is input as well', async t => {
  const agents = await start(t, json(MESSAGE_ANSWER))
  const message = await agents.anthropic.messages.create(QUESTION)
  t.strictSame(JSON.parse(JSON.stringify(message)), MESSAGE_ANSWER)
  t.match(await onlyCall(agents), {
    provider: 'anthropic',
    call_type: 'chat',
    model: 'claude-example',
    response_model: 'claude-example-20260101',
    outcome: 'ok',
    input_tokens: 40,
    cached_input_tokens: 30,
    output_tokens: 7,
    cost_usd: (40 * 3 + 7 * 15) / 1e6,
    price_version: 'v7'
  })
  t.match(agents.span('chat claude-example').attributes, { 'gen_ai.provider.name': 'anthropic', 'gen_ai.response.finish_reasons': ['end_turn'] })
})

t.test('a streamed message: usage of its beginning and of its end', async t => {
  const agents = await start(t, events(MESSAGE_START, TEXT_START, { type: 'ping' }, textDelta('Hel'), textDelta('lo'), BLOCK_STOP, messageDelta(12), MESSAGE_STOP))
  const message = await agents.anthropic.messages.stream(QUESTION).finalMessage()
  t.match(message.content, [{ type: 'text', text: 'Hello' }])
  t.match(await onlyCall(agents), { outcome: 'ok', chunk_count: 2, input_tokens: 45, cached_input_tokens: 30, output_tokens: 12, usage_estimated: false })
})

t.test('thinking and tool use are content', async t => {
  const agents = await start(t, events(
    MESSAGE_START,
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'abc' } },
    BLOCK_STOP,
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name: 'search', input: {} } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"q":' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"x"}' } },
    { type: 'content_block_stop', index: 1 }, messageDelta(9, 'tool_use'), MESSAGE_STOP))
  const message = await agents.anthropic.messages.stream(QUESTION).finalMessage()
  t.match(message.content, [{ type: 'thinking' }, { type: 'tool_use', input: { q: 'x' } }])
  t.match(await onlyCall(agents), { outcome: 'ok', chunk_count: 3, output_tokens: 9 })
  t.match(agents.span('chat claude-example').attributes, { 'gen_ai.response.finish_reasons': ['tool_use'] })
})

t.test('a provider that dies: its input is known, its output is counted', async t => {
  const agents = await start(t, diesAfter(MESSAGE_START, TEXT_START, textDelta('a'), textDelta('b'), textDelta('c')))
  await t.rejects(async () => { await drain(await agents.anthropic.messages.create({ ...QUESTION, stream: true })) })
  t.match(await onlyCall(agents), { outcome: 'error', input_tokens: 45, output_tokens: 3, usage_estimated: true, cost_usd: (45 * 3 + 3 * 15) / 1e6 })
})

t.test('errors before and within the stream', async t => {
  const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
  const before = await start(t, json(overloaded, 529))
  await t.rejects(async () => { await before.anthropic.messages.create(QUESTION) }, { message: /^529 / })
  t.match(await onlyCall(before), { outcome: 'error', error_type: 'overloaded_error', error_message: 'Overloaded' })
  const within = await start(t, events(MESSAGE_START, TEXT_START, textDelta('a'), overloaded))
  await t.rejects(async () => { await drain(await within.anthropic.messages.create({ ...QUESTION, stream: true })) })
  t.match(await onlyCall(within), { outcome: 'error', error_type: 'overloaded_error', output_tokens: 1 })
})

t.test('a consumer that stops, which here aborts nothing before it cancels, and one that aborts', async t => {
  for (const stop of [false, true]) {
    const answer = stallsAfter(MESSAGE_START, TEXT_START, textDelta('a'))
    const agents = await start(t, answer)
    const controller = new AbortController()
    for await (const event of await agents.anthropic.messages.create({ ...QUESTION, stream: true }, { signal: controller.signal })) {
      if (event.type !== 'content_block_delta') continue
      if (stop) break
      controller.abort()
    }
    await answer.closed
    t.match(await onlyCall(agents), { outcome: stop ? 'incomplete' : 'cancelled', input_tokens: 45, output_tokens: 1 })
  }
})
