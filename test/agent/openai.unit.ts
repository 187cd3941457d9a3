/** The client of OpenAI itself, over `fetch`: what it gets is what the provider sent, and what is recorded is what that says. */
import OpenAI from 'openai'
import t from 'tap'
import { finishedSpans } from '../../lib/testing.ts'
import { CHAT_ANSWER, DONE, chatChunk, chatUsage, closedPort, diesAfter, events, json, modelProvider, stallsAfter, type Answer } from './model-provider.ts'
import { type ObservedAgentsForTest, agentMetrics, drain, observedAgents, onlyCall, stopAfterFirst } from './observed-agents.ts'
import { until } from '../request/observed-app.ts'

const PRICES = { version: '2026-01', models: { 'gpt-4o': { input: 2.5, output: 10, cachedInput: 1.25 } } }
const QUESTION = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hi' }] }

async function start (t: Parameters<typeof observedAgents>[0], ...answers: Answer[]): Promise<ObservedAgentsForTest & { openai: OpenAI, requests: any[] }> {
  const agents = await observedAgents(t, { prices: PRICES })
  const { url, requests } = await modelProvider(t, ...answers)
  return { ...agents, requests, openai: new OpenAI({ apiKey: 'sk-test', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch, maxRetries: 0 }) }
}

t.test('a plain chat completion', async t => {
  const agents = await start(t, json(CHAT_ANSWER))
  const answer = await agents.openai.chat.completions.create(QUESTION)
  t.strictSame(JSON.parse(JSON.stringify(answer)), CHAT_ANSWER)
  const call = await onlyCall(agents)
  t.match(call, {
    id: /^provider_trace-[0-9a-f-]{36}$/,
    step_id: '',
    run_id: '',
    call_type: 'chat',
    provider: 'openai',
    model: 'gpt-4o',
    response_model: 'gpt-4o-2024-08-06',
    input_tokens: 100,
    output_tokens: 20,
    cached_input_tokens: 40,
    reasoning_tokens: 5,
    total_tokens: 120,
    usage_estimated: false,
    price_version: '2026-01',
    ttft_ns: null,
    chunk_count: 0,
    outcome: 'ok',
    is_error: false,
    error_type: '',
    error_message: '',
    request_bytes: JSON.stringify(QUESTION).length,
    response_bytes: JSON.stringify(CHAT_ANSWER).length
  })
  t.equal(call.cost_usd, (60 * 2.5 + 40 * 1.25 + 20 * 10) / 1e6)
  t.ok(call.latency_ns > 0n)
  const span = agents.span('chat gpt-4o')
  t.match(span, {
    kind: 'CLIENT',
    traceId: call.trace_id,
    spanId: call.span_id,
    status: { code: 'UNSET' },
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.id': 'chatcmpl-2',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 40,
      'gen_ai.usage.reasoning.output_tokens': 5,
      'letta.outcome': 'ok',
      'letta.cost_usd': call.cost_usd,
      'letta.price_version': '2026-01'
    }
  })
  t.equal(span.endTimeUnixNano - span.startTimeUnixNano, call.latency_ns, 'span and row agree')
  t.equal(span.startTimeUnixNano, call.request_start_ns)
  t.strictSame(agents.faults, [])
})

t.test('metrics, each in its unit', async t => {
  const agents = await start(t, events(chatChunk({ role: 'assistant', content: '' }), chatChunk({ content: 'Hel' }), chatChunk({ content: 'lo' }), chatChunk({}, 'stop'), chatUsage(9, 2), DONE))
  await drain(await agents.openai.chat.completions.create({ ...QUESTION, stream: true }))
  const call = await onlyCall(agents)
  const metrics = await agentMetrics()
  t.strictSame(Object.fromEntries([...metrics].map(([name, { unit, type }]) => [name, `${type} ${unit}`])), {
    hist_llm_execution_time_ms: 'histogram ms',
    'gen_ai.client.operation.duration': 'histogram s',
    hist_ttft_ms: 'histogram ms',
    'gen_ai.client.operation.time_to_first_chunk': 'histogram s',
    'gen_ai.client.operation.time_per_output_chunk': 'histogram s',
    hist_message_cost_usd: 'histogram usd',
    hist_message_output_tokens: 'histogram 1',
    'gen_ai.client.token.usage': 'histogram {token}'
  })
  const point = (name: string): any => metrics.get(name)?.points[0]
  t.equal(point('hist_llm_execution_time_ms').sum, Number(call.latency_ns) / 1e6)
  t.equal(point('gen_ai.client.operation.duration').sum, Number(call.latency_ns) / 1e9)
  t.equal(point('hist_ttft_ms').sum, Number(call.ttft_ns) / 1e6)
  t.equal(point('hist_message_output_tokens').sum, 2)
  t.equal(point('hist_message_cost_usd').sum, (9 * 2.5 + 2 * 10) / 1e6)
  t.strictSame(point('hist_ttft_ms').attributes, { model: 'gpt-4o' })
  t.strictSame(point('gen_ai.client.operation.duration').attributes, {
    'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o', 'gen_ai.response.model': 'gpt-4o-2024-08-06'
  })
  t.strictSame(metrics.get('gen_ai.client.token.usage')?.points.map(({ attributes, sum }) => [attributes['gen_ai.token.type'], sum]), [['input', 9], ['output', 2]])
  t.strictSame(point('gen_ai.client.token.usage').boundaries.slice(0, 4), [1, 4, 16, 64])
  t.strictSame(point('gen_ai.client.operation.duration').boundaries, [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92])
})

t.test('a streamed chat completion: role-only chunks are no content', async t => {
  const chunks = [chatChunk({ role: 'assistant', content: '' }), chatChunk({ content: 'Hel' }), chatChunk({ content: 'lo' }), chatChunk({}, 'stop'), chatUsage(9, 2)]
  const agents = await start(t, events(': keep-alive\n\n', ...chunks, DONE))
  const seen: unknown[] = []
  for await (const chunk of await agents.openai.chat.completions.create({ ...QUESTION, stream: true, stream_options: { include_usage: true } })) seen.push(chunk)
  t.strictSame(JSON.parse(JSON.stringify(seen)), chunks)
  const call = await onlyCall(agents)
  t.match(call, { outcome: 'ok', chunk_count: 2, input_tokens: 9, output_tokens: 2, usage_estimated: false })
  t.ok(call.ttft_ns > 0n && call.ttft_ns <= call.latency_ns)
  const { attributes } = agents.span('chat gpt-4o')
  t.match(attributes, { 'gen_ai.request.stream': true, 'gen_ai.response.finish_reasons': ['stop'], 'letta.chunk_count': 2 })
  t.type(attributes['gen_ai.response.time_to_first_chunk'], 'number')
})

t.test('usage that was never sent is counted from chunks', async t => {
  const agents = await start(t, events(chatChunk({ content: 'a' }), chatChunk({ content: 'b' }), chatChunk({ content: 'c' }), chatChunk({}, 'stop'), DONE))
  await drain(await agents.openai.chat.completions.create({ ...QUESTION, stream: true }))
  t.match(await onlyCall(agents), { outcome: 'ok', output_tokens: 3, input_tokens: 0, usage_estimated: true, cost_usd: 30 / 1e6 })
  t.equal(agents.span('chat gpt-4o').attributes['letta.usage_estimated'], true)
})

t.test('tool calls are content, streamed or not', async t => {
  const call = (part: object): object => chatChunk({ tool_calls: [{ index: 0, ...part }] })
  const agents = await start(t, events(call({ id: 'call_1', function: { name: 'search', arguments: '' } }), call({ function: { arguments: '{"q":' } }), call({ function: { arguments: '"x"}' } }), chatChunk({}, 'tool_calls'), DONE))
  let args = ''
  for await (const chunk of await agents.openai.chat.completions.create({ ...QUESTION, stream: true })) args += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? ''
  t.equal(args, '{"q":"x"}')
  t.match(await onlyCall(agents), { outcome: 'ok', chunk_count: 3 })
})

t.test('responses and embeddings', async t => {
  const response = {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'gpt-4o-2024-08-06',
    error: null,
    output: [],
    usage: {
      input_tokens: 11, input_tokens_details: { cached_tokens: 3 }, output_tokens: 4, output_tokens_details: { reasoning_tokens: 1 }, total_tokens: 15
    }
  }
  const agents = await start(t, json(response), events(
    { type: 'response.created', response: { ...response, status: 'in_progress', usage: null } },
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, item_id: 'a', delta: 'Hello', sequence_number: 1 },
    { type: 'response.completed', response, sequence_number: 2 }
  ), json({ object: 'list', model: 'text-embedding-3-small', data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }], usage: { prompt_tokens: 8, total_tokens: 8 } }))
  await agents.openai.responses.create({ model: 'gpt-4o', input: 'Hi' })
  await drain(await agents.openai.responses.create({ model: 'gpt-4o', input: 'Hi', stream: true }))
  t.strictSame((await agents.openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x', encoding_format: 'float' })).data[0]?.embedding, [0.5, 0.25])
  await until(() => agents.rows.rows('provider_traces').length === 3, 'three calls')
  t.match(agents.rows.rows('provider_traces'), [
    { call_type: 'responses', outcome: 'ok', input_tokens: 11, output_tokens: 4, cached_input_tokens: 3, reasoning_tokens: 1, chunk_count: 0 },
    { call_type: 'responses', outcome: 'ok', input_tokens: 11, output_tokens: 4, chunk_count: 1 },
    { call_type: 'embeddings', outcome: 'ok', input_tokens: 8, output_tokens: 0, model: 'text-embedding-3-small' }
  ])
  t.ok(agents.span('embeddings text-embedding-3-small'))
})

for (const [status, error, type] of [
  [400, { message: 'no such model', type: 'invalid_request_error', code: 'model_not_found' }, 'model_not_found'],
  [401, { message: 'Incorrect API key provided: sk-abcdefghijklmnopqrstuvwx', type: 'invalid_request_error', code: null }, 'invalid_request_error'],
  [429, { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' }, 'rate_limit_exceeded'],
  [503, undefined, '503']
] as const) {
  t.test(`the provider answers with ${status}`, async t => {
    const agents = await start(t, json(error === undefined ? 'overloaded' : { error }, status))
    await t.rejects(async () => { await agents.openai.chat.completions.create(QUESTION) }, { message: new RegExp(`^${status} `) })
    const call = await onlyCall(agents)
    t.match(call, { outcome: 'error', is_error: true, error_type: type, output_tokens: 0, cost_usd: null })
    t.equal(call.error_message, error?.message.replace(/sk-a\w+/, 'REDACTED') ?? '')
    t.match(agents.span('chat gpt-4o'), { status: { code: 'ERROR' }, attributes: { 'error.type': type, 'letta.outcome': 'error' } })
    t.equal((await agentMetrics()).get('gen_ai.client.operation.duration')?.points[0]?.attributes['error.type'], type)
  })
}

t.test('a client that tries again makes two calls; it does not read why the first failed, and so nobody does', async t => {
  const agents = await start(t, json({ error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 429, { 'retry-after-ms': '1' }), json(CHAT_ANSWER))
  await agents.openai.chat.completions.create(QUESTION, { maxRetries: 1 })
  await until(() => agents.rows.rows('provider_traces').length === 2, 'two calls')
  t.match(agents.rows.rows('provider_traces'), [{ outcome: 'error', error_type: '429' }, { outcome: 'ok', output_tokens: 20 }])
})

t.test('a provider that cannot be reached', async t => {
  const agents = await start(t, json({}))
  const openai = new OpenAI({ apiKey: 'x', baseURL: await closedPort(), fetch: agents.telemetry.fetch, maxRetries: 0 })
  await t.rejects(async () => { await openai.chat.completions.create(QUESTION) }, { message: 'Connection error.' })
  t.match(await onlyCall(agents), { outcome: 'error', error_type: 'ECONNREFUSED', cost_usd: null })
})

t.test('a provider that dies in the middle: what it gave counts', async t => {
  const agents = await start(t, diesAfter(chatChunk({ content: 'a' }), chatChunk({ content: 'b' })))
  const seen: string[] = []
  await t.rejects(async () => {
    for await (const chunk of await agents.openai.chat.completions.create({ ...QUESTION, stream: true })) seen.push(chunk.choices[0]?.delta.content ?? '')
  })
  t.strictSame(seen, ['a', 'b'])
  t.match(await onlyCall(agents), { outcome: 'error', error_type: /./, output_tokens: 2, usage_estimated: true })
})

t.test('a stream that ends without its end is incomplete', async t => {
  const agents = await start(t, events(chatChunk({ content: 'a' })))
  await drain(await agents.openai.chat.completions.create({ ...QUESTION, stream: true }))
  t.match(await onlyCall(agents), { outcome: 'incomplete', output_tokens: 1 })
  t.match(agents.span('chat gpt-4o'), { status: { code: 'UNSET' }, attributes: { 'letta.outcome': 'incomplete' } })
})

t.test('an error within the stream', async t => {
  const agents = await start(t, events(chatChunk({ content: 'a' }), { error: { message: 'out of memory', type: 'server_error', code: null } }))
  await t.rejects(async () => { await drain(await agents.openai.chat.completions.create({ ...QUESTION, stream: true })) })
  t.match(await onlyCall(agents), { outcome: 'error', error_type: 'server_error', error_message: 'out of memory', output_tokens: 1 })
})

t.test('a consumer that stops reading: the client aborts its request, and nothing more is read', async t => {
  const answer = stallsAfter(chatChunk({ content: 'a' }), chatChunk({ content: 'b' }))
  const agents = await start(t, answer)
  await stopAfterFirst(await agents.openai.chat.completions.create({ ...QUESTION, stream: true }))
  await answer.closed
  t.match(await onlyCall(agents), { outcome: 'cancelled', output_tokens: 2 })
})

t.test('an AbortController, before and after the answer began', async t => {
  const answer = stallsAfter(chatChunk({ content: 'a' }))
  const agents = await start(t, answer)
  const controller = new AbortController()
  for await (const chunk of await agents.openai.chat.completions.create({ ...QUESTION, stream: true }, { signal: controller.signal })) if (chunk) controller.abort()
  await answer.closed
  t.match(await onlyCall(agents), { outcome: 'cancelled', is_error: false, output_tokens: 1, error_type: 'AbortError' })
  t.match(agents.span('chat gpt-4o'), { status: { code: 'ERROR' }, attributes: { 'error.type': 'cancelled', 'letta.outcome': 'cancelled' } })

  const early = new AbortController()
  const silent = await start(t, () => { early.abort() })
  await t.rejects(async () => { await silent.openai.chat.completions.create(QUESTION, { signal: early.signal }) }, { message: 'Request was aborted.' })
  t.match(await onlyCall(silent), { outcome: 'cancelled', output_tokens: 0, cost_usd: null })
})

t.test('other requests are none of our business', async t => {
  const agents = await start(t, json({ object: 'list', data: [] }))
  await agents.openai.models.list().catch(() => {})
  const { url } = await modelProvider(t, json({ id: 'message-1' }))
  await (await agents.telemetry.fetch(`${url}/v1/agents/a/messages`, { method: 'POST', body: '{"messages":[]}' })).json()
  await (await agents.telemetry.fetch(`${url}/chat/completions`, { method: 'POST', body: '{"other":1}' })).json()
  t.strictSame(agents.rows.written, [])
  t.strictSame(finishedSpans(), [])
})
