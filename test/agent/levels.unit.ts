/** Runs, steps, calls and tools: how they end, what is in their rows, and that nothing is in them twice. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { runInThisContext } from 'node:vm'
import OpenAI from 'openai'
import t from 'tap'
import { addContextAttribute } from '../../lib/index.ts'
import { finishedSpans } from '../../lib/testing.ts'
import { CHAT_ANSWER, DONE, chatChunk, chatUsage, diesAfter, events, json, modelProvider, stallsAfter } from './model-provider.ts'
import { agentMetrics, drain, observedAgents, onlyCall } from './observed-agents.ts'
import { until } from '../request/observed-app.ts'
import { scope } from './scope.ts'

const PRICES = { version: '1', models: { 'gpt-4o': { input: 2, output: 10 } } }
const QUESTION = { model: 'gpt-4o', messages: [] }
const STREAM = events(chatChunk({ content: 'a' }), chatChunk({ content: 'b' }, 'stop'), chatUsage(100, 2), DONE)

t.test('level 1: a run with its steps, calls and tools', async t => {
  const agents = await observedAgents(t, { prices: PRICES })
  const { url } = await modelProvider(t, STREAM, json(CHAT_ANSWER))
  const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch })
  const result = await agents.telemetry.run({ id: 'run-1', agentId: 'agent-1', organizationId: 'org-1', agentName: 'Sam', conversationId: 'c1' }, async run => {
    t.match(agents.rows.rows('run_metrics'), [{ id: 'run-1', outcome: 'running', run_ns: null, agent_id: 'agent-1', organization_id: 'org-1' }], 'there from its start')
    const text = await run.step({ id: 'step-1' }, async step => {
      let text = ''
      for await (const chunk of await openai.chat.completions.create({ ...QUESTION, stream: true })) text += chunk.choices[0]?.delta.content ?? ''
      t.equal(await step.tool({ name: 'search', id: 'call_1', toolId: 'tool-1' }, async () => 'found'), 'found')
      t.throws(() => { step.tool({ name: 'broken' }, () => { throw new RangeError('no') }) }, RangeError)
      return text
    })
    await run.step(async () => { await openai.chat.completions.create(QUESTION) })
    return text
  })
  t.equal(result, 'ab')
  const calls = agents.rows.rows('provider_traces')
  t.match(calls, [
    { step_id: 'step-1', run_id: 'run-1', agent_id: 'agent-1', organization_id: 'org-1', outcome: 'ok', output_tokens: 2 },
    { step_id: /^step-[0-9a-f-]{36}$/, run_id: 'run-1', outcome: 'ok', output_tokens: 20 }
  ])
  t.equal(calls.length, 2)
  const [first, second] = agents.rows.rows('step_metrics')
  t.match(first, {
    id: 'step-1',
    run_id: 'run-1',
    provider_id: 'openai',
    outcome: 'ok',
    input_tokens: 100,
    output_tokens: 2,
    cost_usd: (100 * 2 + 2 * 10) / 1e6,
    llm_request_start_ns: calls[0]!.request_start_ns,
    llm_request_ns: calls[0]!.latency_ns!,
    ttft_ns: calls[0]!.ttft_ns!
  })
  t.ok(first!.tool_execution_ns! > 0n && first!.step_ns! > first!.llm_request_ns!)
  t.match(second, { tool_execution_ns: null, ttft_ns: null, output_tokens: 20 })
  const [, run] = agents.rows.rows('run_metrics')
  t.match(run, { id: 'run-1', num_steps: 2, num_llm_calls: 2, tools_used: ['tool-1', 'broken'], outcome: 'ok', input_tokens: 200, output_tokens: 22, total_tokens: 222 })
  t.equal(run!.cost_usd, (100 * 2 + 2 * 10 + 100 * 2 + 20 * 10) / 1e6)
  t.ok(run!.run_ns! >= first!.step_ns! + second!.step_ns!)
  t.ok(run!.updated_at > run!.created_at)
  const starts = [run!.run_start_ns, first!.step_start_ns, calls[0]!.request_start_ns, second!.step_start_ns, calls[1]!.request_start_ns]
  t.strictSame(starts, starts.toSorted((a, b) => Number(a - b)))
  t.ok(starts.some(start => start % 1_000_000n !== 0n), 'more exact than milliseconds')

  const span = agents.span('invoke_agent Sam')
  t.match(span.attributes, { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.id': 'agent-1', 'gen_ai.agent.name': 'Sam', 'gen_ai.conversation.id': 'c1', 'run.id': 'run-1', 'agent.id': 'agent-1', 'organization.id': 'org-1' })
  const [step] = finishedSpans().filter(({ name }) => name === 'step')
  t.equal(step!.parentSpanId, span.spanId)
  t.equal(agents.span('execute_tool search').parentSpanId, step!.spanId)
  t.match(agents.span('execute_tool search'), { kind: 'INTERNAL', attributes: { 'gen_ai.tool.name': 'search', 'gen_ai.tool.call.id': 'call_1', 'step.id': 'step-1', 'run.id': 'run-1' } })
  t.match(agents.span('execute_tool broken'), { status: { code: 'ERROR' }, attributes: { 'error.type': 'RangeError' }, events: [{ name: 'exception' }] })
  const metrics = await agentMetrics()
  const point = (name: string, at = 0): any => metrics.get(name)?.points[at]
  t.match(point('count_user_message'), { value: 1, attributes: { 'agent.id': 'agent-1', 'organization.id': 'org-1' } })
  t.match(metrics.get('count_tool_execution')?.points, [
    { value: 1, attributes: { tool_name: 'search', tool_execution_success: true } }, { value: 1, attributes: { tool_name: 'broken', tool_execution_success: false, step_id: 'step-1' } }
  ])
  t.notOk('step_id' in point('count_tool_execution').attributes)
  t.match(metrics.get('hist_tool_execution_time_ms'), { unit: 'ms', points: [{ attributes: { tool: 'search' } }, { attributes: { tool: 'broken' } }] })
  t.equal(metrics.get('hist_step_execution_time_ms')?.unit, 'ms')
  t.ok(Math.abs(point('hist_step_execution_time_ms').sum - Number(first!.step_ns! + second!.step_ns!) / 1e6) < 1e-6, 'milliseconds, not nanoseconds')
  t.strictSame(agents.faults, [])
})

t.test('level 2: by hand, also what nobody ends', async t => {
  const agents = await observedAgents(t)
  const chunks = async function * (): AsyncGenerator<string> { yield ''; yield 'a'; yield 'b' }
  await scope(async use => {
    const run = use(agents.telemetry.startRun({ agentId: 'agent-1' }))
    const step = use(run.startStep())
    const call = step.startLlmCall({ provider: 'acme', model: 'acme-1' })
    let text = ''
    for await (const chunk of call.watch(chunks())) text += chunk
    t.equal(text, 'ab')
    call.end({ usage: { inputTokens: 9, outputTokens: 8, cachedInputTokens: 7, reasoningTokens: 6 } })
    call.end({ error: new Error('too late') })
    const tool = use(step.startTool({ name: 'search' }))
    tool.end()
    step.end()
  })
  t.match(await onlyCall(agents), {
    provider: 'acme', model: 'acme-1', outcome: 'ok', chunk_count: 2, input_tokens: 9, output_tokens: 8, cached_input_tokens: 7, reasoning_tokens: 6, usage_estimated: false
  })
  t.match(agents.rows.rows('step_metrics'), [{ outcome: 'ok' }])
  t.match(agents.rows.current('run_metrics'), [{ outcome: 'incomplete', num_steps: 1, num_llm_calls: 1, tools_used: ['search'] }])
})

t.test('leaving a scope ends what is open in it', async t => {
  const controller = new AbortController()
  const left = async (leave: (controller: AbortController) => unknown): Promise<string[]> => {
    const agents = await observedAgents(t)
    await agents.telemetry.run({ signal: controller.signal }, async run => {
      const step = run.startStep()
      step.startLlmCall({ provider: 'a', model: 'b' })
      step.startTool({ name: 'c' })
      await leave(controller)
    }).catch(() => {})
    return [agents.rows.rows('provider_traces')[0]!.outcome, agents.rows.rows('step_metrics')[0]!.outcome, agents.rows.current('run_metrics')[0]!.outcome]
  }
  t.strictSame(await left(() => {}), ['incomplete', 'incomplete', 'ok'])
  t.strictSame(await left(() => { throw new Error('x') }), ['error', 'error', 'error'])
  t.strictSame(await left(controller => { controller.abort() }), ['cancelled', 'cancelled', 'cancelled'])
})

t.test('what a callback throws is what its caller gets, and synchronous work stays so', async t => {
  const agents = await observedAgents(t)
  const error = new Error('mine')
  t.equal(agents.telemetry.run(run => run.step(() => 7)), 7)
  t.throws(() => { agents.telemetry.run(() => { throw error }) }, error)
  await t.rejects(agents.telemetry.run({ id: 'run-x' }, async run => { await run.step(async () => { throw error }) }), error)
  t.match(agents.rows.current('run_metrics').at(-1), { id: 'run-x', outcome: 'error', error_type: 'Error' })
})

t.test('levels mixed: one call, whoever sees it', async t => {
  const ways: Record<string, (step: import('../../lib/index.ts').Step, openai: OpenAI) => Promise<void>> = {
    'in its callback': async (step, openai) => {
      await step.llmCall({ provider: 'mine', model: 'gpt-4o' }, async call => {
        await drain(call.watch(await openai.chat.completions.create({ ...QUESTION, stream: true })))
      })
    },
    'by hand': async (step, openai) => {
      await scope(async use => {
        const call = use(step.startLlmCall({ provider: 'mine', model: 'gpt-4o' }))
        await drain(call.watch(await openai.chat.completions.create({ ...QUESTION, stream: true })))
        call.end()
      })
    },
    'by hand, as a promise': async (step, openai) => {
      const call = step.startLlmCall({ provider: 'mine', model: 'gpt-4o' })
      await drain(await call.watch(openai.chat.completions.create({ ...QUESTION, stream: true })))
      call.end({ response: CHAT_ANSWER, usage: { inputTokens: 100, outputTokens: 2 } })
    }
  }
  for (const [name, way] of Object.entries(ways)) {
    const agents = await observedAgents(t)
    const { url } = await modelProvider(t, STREAM)
    const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch })
    await agents.telemetry.run(async run => { await run.step(async step => { await way(step, openai) }) })
    t.match(await onlyCall(agents), { provider: 'mine', outcome: 'ok', chunk_count: 2, input_tokens: 100, output_tokens: 2, request_bytes: /\d/ }, name)
    t.match(agents.rows.current('run_metrics'), [{ num_llm_calls: 1, output_tokens: 2 }], name)
    t.equal(finishedSpans().filter(span => span.kind === 'CLIENT').length, 1, name)
    t.equal((await agentMetrics()).get('hist_llm_execution_time_ms')?.points[0]?.count, 1, name)
  }
})

t.test('all by hand, and a client over fetch: the call is one, and the step\'s', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, json({ error: { code: 'slow' } }, 429, { 'retry-after-ms': '1' }), STREAM, STREAM)
  const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch })
  const run = agents.telemetry.startRun()
  const step = run.startStep({ id: 'step-9' })
  const call = step.startLlmCall({ provider: 'openai', model: 'gpt-4o' })
  await drain(call.watch(await openai.chat.completions.create({ ...QUESTION, stream: true })))
  call.end()
  t.match(await onlyCall(agents), { step_id: 'step-9', outcome: 'ok', output_tokens: 2 }, 'one, though it was sent twice')
  await drain(await openai.chat.completions.create({ ...QUESTION, stream: true }))
  t.match(agents.rows.rows('provider_traces').at(-1), { step_id: 'step-9', outcome: 'ok' }, 'and one that nobody announced')
  step.end()
  run.end()
  t.match(agents.rows.current('run_metrics'), [{ num_llm_calls: 2, outcome: 'ok' }])
  await (await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(QUESTION) })).text()
  t.match(agents.rows.rows('provider_traces').at(-1), { step_id: '', run_id: '' }, 'after the run it is nobody\'s')
})

t.test('a call in a callback: what the provider said of its refusal, and what the client threw for it', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, json({ error: { code: 'model_not_found', message: 'no such model' } }, 404), response => { response.writeHead(204).end() })
  const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch, maxRetries: 0 })
  await t.rejects(agents.telemetry.run(async run => {
    await run.step(async step => { await step.llmCall({ provider: 'openai', model: 'gpt-4o' }, async () => await openai.chat.completions.create(QUESTION)) })
  }), { message: /^404 / })
  t.match(await onlyCall(agents), { outcome: 'error', error_type: 'model_not_found', error_message: 'no such model' })
  t.match(agents.span('chat gpt-4o'), { attributes: { 'error.type': 'model_not_found' }, events: [{ name: 'exception' }] })
  const empty = await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(QUESTION) })
  t.equal(empty.body, null)
  t.match(agents.rows.rows('provider_traces').at(-1), { outcome: 'ok', output_tokens: 0, cost_usd: null }, 'an answer without a body')
})

t.test('calls side by side keep apart', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, json({ ...CHAT_ANSWER, model: 'answered' }))
  const ask = async (model: string): Promise<void> => {
    await (await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model, messages: [] }) })).text()
  }
  await agents.telemetry.run(async run => {
    await run.step(async step => {
      const { promise: asked, resolve } = Promise.withResolvers<void>()
      await Promise.all([
        step.llmCall({ provider: 'first', model: '' }, async () => { await Promise.all([ask('a'), ask('b')]); resolve() }),
        step.llmCall({ provider: 'second', model: '' }, async () => { await asked; await ask('c') })
      ])
      const hands = [step.startLlmCall({ provider: 'third', model: '' }), step.startLlmCall({ provider: 'fourth', model: '' })]
      await Promise.all([ask('d'), ask('e')])
      for (const call of hands) call.end()
    })
  })
  t.strictSame(agents.rows.rows('provider_traces').map(({ provider, model }) => `${provider} ${model}`).sort(), ['first a', 'fourth d', 'openai b', 'second c', 'third e'])
  t.ok(agents.rows.rows('provider_traces').every(({ outcome, output_tokens: tokens }) => outcome === 'ok' && tokens === 20))
})

t.test('requests of one server do not meet, and ambient attributes are on everything', async t => {
  const { url } = await modelProvider(t, STREAM)
  const agents = await observedAgents(t, {}, (app, telemetry) => {
    app.post('/', async () => {
      addContextAttribute('project.id', 'p-1')
      const run = telemetry.startRun()
      const step = run.startStep()
      await (await telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...QUESTION, stream: true }) })).text()
      step.end()
      run.end()
      return run.id
    })
  })
  const ids = await Promise.all(['a', 'b', 'c'].map(async org => {
    const response = await fetch(agents.url, { method: 'POST', headers: { 'x-organization-id': org, 'x-agent-id': 'agent-1' } })
    return [org, await response.text()]
  }))
  for (const [org, id] of ids) {
    t.match(agents.rows.rows('provider_traces').filter(({ run_id: run }) => run === id), [{ organization_id: org, project_id: 'p-1', agent_id: 'agent-1' }])
  }
  const points = (await agentMetrics()).get('hist_llm_execution_time_ms')?.points ?? []
  t.strictSame(points.map(({ attributes }) => attributes['organization.id']).sort(), ['a', 'b', 'c'])
})

t.test('an SSE reply whose client goes away', async t => {
  const answer = stallsAfter(chatChunk({ content: 'a' }))
  const { url } = await modelProvider(t, answer)
  const agents = await observedAgents(t, {}, (app, telemetry) => {
    const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: telemetry.fetch })
    app.get('/', (request, reply) => {
      const lines = async function * (): AsyncGenerator<string> {
        const run = telemetry.startRun({ id: 'run-1' })
        const step = run.startStep()
        for await (const chunk of await openai.chat.completions.create({ ...QUESTION, stream: true }, { signal: request.signal })) yield `data: ${JSON.stringify(chunk)}\n\n`
        step.end()
        run.end()
      }
      void reply.header('content-type', 'text/event-stream').send(Readable.from(lines()))
    })
    app.get('/scoped', async (request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      await telemetry.run({ id: 'run-2' }, async run => {
        await run.step(async () => {
          for await (const chunk of await openai.chat.completions.create({ ...QUESTION, stream: true }, { signal: request.signal })) reply.raw.write(`data: ${JSON.stringify(chunk)}\n\n`)
        })
      })
    })
  })
  for (const path of ['/', '/scoped']) {
    const socket = connect(agents.port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await once(socket, 'data')
    socket.destroy()
    const count = path === '/' ? 1 : 2
    await until(() => agents.rows.rows('provider_traces').length === count, `call of ${path}`)
    t.match(agents.rows.rows('provider_traces').at(-1), { outcome: 'disconnected', output_tokens: 1, run_id: `run-${count}` }, path)
    if (path === '/') await agents.close()
    await until(() => agents.rows.current('run_metrics').every(({ outcome }) => outcome !== 'running'), `run of ${path}`)
    t.match(agents.rows.current('run_metrics').at(-1), { id: `run-${count}`, outcome: 'disconnected' }, path)
  }
})

t.test('shutting down ends what is open as incomplete, with all its rows', async t => {
  const agents = await observedAgents(t)
  const run = agents.telemetry.startRun({ id: 'run-1' })
  const call = run.startStep({ id: 'step-1' }).startLlmCall({ provider: 'a', model: 'b' })
  const iterator = call.watch((async function * () { yield 'a'; await new Promise(() => {}) })())[Symbol.asyncIterator]()
  await iterator.next()
  await agents.close()
  t.match(agents.rows.current('run_metrics'), [{ id: 'run-1', outcome: 'incomplete' }])
  t.match(agents.rows.rows('step_metrics'), [{ id: 'step-1', outcome: 'incomplete', output_tokens: 1 }])
  t.match(await onlyCall(agents), { outcome: 'incomplete', output_tokens: 1, usage_estimated: true })
  run.end()
  t.equal(agents.rows.rows('run_metrics').length, 2)
})

t.test('runs begun side by side outside a request keep their owners apart', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, json(CHAT_ANSWER))
  const job = async (options: object): Promise<void> => {
    await scope(async use => {
      const step = use(use(agents.telemetry.startRun(options)).startStep())
      t.ok(step.id)
      await (await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(QUESTION) })).text()
    })
  }
  await Promise.all([
    job({ id: 'run-1', organizationId: 'org-1', agentId: 'agent-1' }), job({ id: 'run-2' }),
    agents.telemetry.run({ id: 'run-3' }, async () => {}), job({ id: 'run-4', organizationId: 'org-4' })
  ])
  const owners = agents.rows.current('run_metrics').map(({ id, organization_id: organization, agent_id: agent }) => [id, organization, agent])
  t.strictSame(owners.sort(), [['run-1', 'org-1', 'agent-1'], ['run-2', '', ''], ['run-3', '', ''], ['run-4', 'org-4', '']])
  const calls = agents.rows.rows('provider_traces').map(({ run_id: run, organization_id: organization }) => [run, organization])
  t.strictSame(calls.sort(), [['run-1', 'org-1'], ['run-2', ''], ['run-4', 'org-4']])
  await agents.telemetry.run({ organizationId: 'org-5' }, async () => { agents.telemetry.startRun({ id: 'run-5' }).end() })
  t.match(await agents.rows.runMetrics('org-5', 'run-5'), { id: 'run-5' }, 'in a callback it is known whose it is')
})

t.test('a call by hand takes no request for its own that says otherwise', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, json({ model: 'text-embedding-3', usage: { prompt_tokens: 7, total_tokens: 7 }, data: [] }), json(CHAT_ANSWER))
  const post = async (path: string, body: object): Promise<void> => { await (await agents.telemetry.fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).text() }
  const chunks = async function * (): AsyncGenerator<string> { yield 'a'; yield 'b'; yield 'c' }
  const step = agents.telemetry.startRun().startStep()
  const call = step.startLlmCall({ provider: 'acme', model: 'acme-1' })
  await post('/v1/embeddings', { model: 'text-embedding-3', input: 'x' })
  await post('/v1/chat/completions', { model: 'gpt-4o', messages: [] })
  const iterator = call.watch(chunks())
  await iterator.next()
  await post('/v1/chat/completions', { model: 'acme-1', messages: [] })
  await drain(iterator)
  call.end()
  t.match(agents.rows.rows('provider_traces'), [
    { call_type: 'embeddings', model: 'text-embedding-3', input_tokens: 7 },
    { provider: 'openai', model: 'gpt-4o', output_tokens: 20 },
    { provider: 'openai', model: 'acme-1', output_tokens: 20, chunk_count: 0 },
    { provider: 'acme', model: 'acme-1', chunk_count: 3, output_tokens: 3, input_tokens: 0 }
  ])
})

t.test('tokens of an attempt that failed count beside those of the next', async t => {
  const agents = await observedAgents(t, { prices: PRICES })
  const { url } = await modelProvider(t, diesAfter(chatChunk({ content: 'a' }), chatUsage(50_000, 1)), diesAfter(chatChunk({ content: 'a' }), chatChunk({ content: 'b' })), STREAM)
  const ask = async (): Promise<string> => await (await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(QUESTION) })).text()
  await agents.telemetry.run(async run => {
    await run.step(async step => {
      await step.llmCall({ provider: 'openai', model: 'gpt-4o' }, async () => {
        await t.rejects(ask())
        await t.rejects(ask())
        await ask()
      })
    })
  })
  const expected = { input_tokens: 50_100, output_tokens: 5, cost_usd: (50_100 * 2 + 5 * 10) / 1e6 }
  t.match(await onlyCall(agents), { ...expected, outcome: 'ok', usage_estimated: true, chunk_count: 2 })
  t.match(agents.rows.rows('step_metrics'), [expected])
  t.match(agents.rows.current('run_metrics'), [expected])
})

t.test('a response that is returned: its scope ends with it, and counts it once', async t => {
  const agents = await observedAgents(t, { prices: PRICES })
  const { url } = await modelProvider(t, STREAM)
  const ask = async (): Promise<Response> => await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...QUESTION, stream: true }) })
  const ways: Array<() => Promise<Response>> = [
    async () => await agents.telemetry.run(async run => await run.step(async () => await ask())),
    async () => await agents.telemetry.run(async run => await run.step(async step => await step.llmCall({ provider: 'openai', model: 'gpt-4o' }, ask)))
  ]
  for (const [at, way] of ways.entries()) {
    const response = await way()
    t.equal(response.url, `${url}/v1/chat/completions`)
    t.equal(agents.rows.rows('step_metrics').length, at, 'the step goes on')
    t.match(await response.text(), /DONE/)
    t.match(agents.rows.rows('provider_traces')[at], { step_id: /./, outcome: 'ok', input_tokens: 100, output_tokens: 2, cost_usd: (100 * 2 + 2 * 10) / 1e6, chunk_count: 2 })
    t.match(agents.rows.rows('step_metrics')[at], { outcome: 'ok', input_tokens: 100, output_tokens: 2 })
    t.match(agents.rows.current('run_metrics')[at], { outcome: 'ok', num_llm_calls: 1, input_tokens: 100, output_tokens: 2 })
  }
  const points = (await agentMetrics()).get('gen_ai.client.token.usage')?.points ?? []
  t.strictSame(points.map(({ sum, count }) => [sum, count]).sort(), [[200, 2], [4, 2]])
  await ways[0]!()
  await agents.close()
  t.equal(agents.rows.rows('provider_traces').length, 3)
  t.match(agents.rows.rows('provider_traces').at(-1), { outcome: 'incomplete', output_tokens: 0 }, 'shutting down waits for none')
  t.match(agents.rows.current('run_metrics').at(-1), { outcome: 'incomplete' })
})

t.test('an answer that is read on after its scope: the call ends with it, everywhere in the same way', async t => {
  const { url } = await modelProvider(t, STREAM)
  type Agents = Awaited<ReturnType<typeof observedAgents>>
  type Handed = AsyncIterable<unknown>
  const ask = async ({ telemetry }: Agents): Promise<Handed> =>
    (await telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...QUESTION, stream: true }) })).body!
  const chunks = async function * (): AsyncGenerator<object> { yield chatChunk({ content: 'a' }); yield chatChunk({ content: 'b' }, 'stop'); yield chatUsage(100, 2) }
  const call = { provider: 'openai', model: 'gpt-4o' }
  const ways: Record<string, (agents: Agents, hand: (answer: Handed) => void) => Promise<void> | void> = {
    'of a step': async (agents, hand) => { await agents.telemetry.run(async run => { await run.step(async () => { hand(await ask(agents)) }) }) },
    'of the callback of a call': async (agents, hand) => {
      await agents.telemetry.run(async run => { await run.step(async step => { await step.llmCall(call, async () => { hand(await ask(agents)) }) }) })
    },
    'by hand, with fetch': async (agents, hand) => {
      await scope(async use => {
        const step = use(use(agents.telemetry.startRun()).startStep())
        use(step.startLlmCall(call))
        hand(await ask(agents))
      })
    },
    'by hand, watched': async (agents, hand) => {
      await scope(async use => { hand(use(use(use(agents.telemetry.startRun()).startStep()).startLlmCall(call)).watch(chunks())) })
    },
    'watched as the promise of a stream': async (agents, hand) => {
      await agents.telemetry.run(async run => {
        await run.step(async step => { await step.llmCall(call, async one => { hand(await one.watch(Promise.resolve(ReadableStream.from(chunks())))) }) })
      })
    },
    'ended with nothing said': (agents, hand) => {
      agents.telemetry.run(run => {
        run.step(step => {
          const one = step.startLlmCall(call)
          hand(one.watch(chunks()))
          one.end()
          one.end({ error: new Error('too late') })
        })
      })
    }
  }
  for (const [name, way] of Object.entries(ways)) {
    const agents = await observedAgents(t, { prices: PRICES })
    let handed!: Handed
    await way(agents, answer => { handed = answer })
    t.match(agents.rows.current('step_metrics'), [{ outcome: /ok|incomplete/, output_tokens: 0 }], `${name}: the step has ended`)
    t.strictSame(agents.rows.rows('provider_traces'), [], name)
    await drain(handed)
    const expected = { outcome: 'ok', input_tokens: 100, output_tokens: 2, cost_usd: (100 * 2 + 2 * 10) / 1e6 }
    const row = await onlyCall(agents)
    t.match(row, { ...expected, step_id: /./, chunk_count: 2 }, name)
    t.match(agents.rows.current('step_metrics'), [{ ...expected, outcome: /ok|incomplete/ }], name)
    t.match(agents.rows.current('run_metrics'), [{ ...expected, outcome: /ok|incomplete/, num_llm_calls: 1 }], name)
    const updates = agents.rows.rows('run_metrics').map(row => row.updated_at)
    t.strictSame(updates, [...new Set(updates)].sort(), 'each later than the one before')
    const span = agents.span('chat gpt-4o')
    t.match(span.attributes, { 'letta.outcome': 'ok', 'gen_ai.usage.output_tokens': 2, 'letta.cost_usd': expected.cost_usd }, `${name}: the span says the same`)
    t.equal(span.endTimeUnixNano - span.startTimeUnixNano, row.latency_ns, name)
    const metrics = await agentMetrics()
    t.match(metrics.get('gen_ai.client.operation.duration')?.points, [{ count: 1 }], name)
    t.notOk('error.type' in metrics.get('gen_ai.client.operation.duration')!.points[0]!.attributes, name)
    t.strictSame(agents.faults, [])
  }
})

t.test('an answer that is left after its scope, or never read, ends its call with what was seen', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, stallsAfter(chatChunk({ content: 'a' })))
  const read = async (): Promise<ReadableStreamDefaultReader> => {
    const reader = (await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...QUESTION, stream: true }) })).body!.getReader()
    await reader.read()
    return reader
  }
  let reader!: Awaited<ReturnType<typeof read>>
  await agents.telemetry.run(async run => { await run.step(async () => { reader = await read() }) })
  await reader.cancel()
  t.match(await onlyCall(agents), { outcome: 'incomplete', output_tokens: 1 })
  t.equal(agents.span('chat gpt-4o').attributes['letta.outcome'], 'incomplete')
  await agents.telemetry.run({ id: 'run-2' }, async run => { await run.step(async () => { reader = await read() }) })
  await agents.close()
  t.match(agents.rows.rows('provider_traces').at(-1), { run_id: 'run-2', outcome: 'incomplete', output_tokens: 1 }, 'shutting down waits for none')
  t.match(await agents.rows.runMetrics('', 'run-2'), { num_llm_calls: 1, output_tokens: 1 })
})

t.test('what was said of a call at its end stays so, whatever is read later', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, STREAM)
  const step = agents.telemetry.startRun().startStep()
  const call = step.startLlmCall({ provider: 'openai', model: 'gpt-4o' })
  const response = await agents.telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...QUESTION, stream: true }) })
  call.end({ usage: { inputTokens: 1, outputTokens: 1 } })
  await response.text()
  t.match(await onlyCall(agents), { outcome: 'ok', input_tokens: 1, output_tokens: 1 })
})

/** Node 22 cannot parse it. */
const USING = '(telemetry) => { using run = telemetry.startRun({ id: "run-1" }); using step = run.startStep(); step.end() }'

t.test('using', { skip: process.version.startsWith('v22.') && 'this Node cannot parse `using`' }, async t => {
  const agents = await observedAgents(t)
  const work = runInThisContext(USING) as (telemetry: typeof agents.telemetry) => void
  work(agents.telemetry)
  t.match(agents.rows.current('run_metrics'), [{ id: 'run-1', outcome: 'incomplete', num_steps: 1 }])
  t.match(agents.rows.current('step_metrics'), [{ outcome: 'ok' }])
})

t.test('try, catch and finally in place of using', async t => {
  const agents = await observedAgents(t)
  const failing = async function * (): AsyncGenerator<string> { yield 'a'; throw new RangeError('broken') }
  const work = async (stream: AsyncIterable<string>): Promise<void> => {
    const run = agents.telemetry.startRun()
    try {
      const step = run.startStep()
      const call = step.startLlmCall({ provider: 'acme', model: 'acme-1' })
      await drain(call.watch(stream))
      call.end()
      step.end()
    } catch (error) {
      run.end({ error })
      throw error
    } finally {
      run.end()
    }
  }
  await work((async function * () { yield 'a' })())
  await t.rejects(work(failing()), RangeError)
  for (const table of ['provider_traces', 'step_metrics', 'run_metrics'] as const) {
    t.strictSame(agents.rows.current(table).map(({ outcome, error_type: type }) => [outcome, type]), [['ok', ''], ['error', 'RangeError']], table)
  }
})
