/** What work does that goes wrong around it, and what is handed back. */
import { context, createNoopMeter, trace, type Span, type Tracer } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider, type Sampler, type SpanProcessor } from '@opentelemetry/sdk-trace'
import OpenAI from 'openai'
import t from 'tap'
import { observeAgents, type ObservedAgents } from '../../lib/agent/agent-telemetry.ts'
import type { LlmCall } from '../../lib/index.ts'
import { resolveOptions } from '../../lib/options.ts'
import { MemoryRows } from './memory-rows.ts'
import { CHAT_ANSWER, chatChunk, chatUsage, json, modelProvider } from './model-provider.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

interface Observed extends ObservedAgents {
  readonly rows: MemoryRows
  readonly problems: string[]
  readonly faults: unknown[]
}

function observe (tracer: Tracer = new TracerProvider().getTracer('agents'), maxOpen?: number, meter = createNoopMeter()): Observed {
  const rows = new MemoryRows()
  const problems: string[] = []
  const faults: unknown[] = []
  const options = resolveOptions({ agents: { ...maxOpen !== undefined && { maxOpen } } }, {}).agents
  if (options === false) throw new Error('agents are off')
  return { ...observeAgents(options, { tracer, meter, rows, warn () {}, report (problem) { problems.push(problem) }, onFault (fault) { faults.push(fault) } }), rows, problems, faults }
}

function tracerOf (sampler: Sampler | undefined, processor: Partial<SpanProcessor>): Tracer {
  const spanProcessor = { onStart () {}, onEnd () {}, async forceFlush () {}, async shutdown () {}, ...processor }
  return new TracerProvider({ ...sampler && { sampler }, spanProcessors: [spanProcessor] }).getTracer('agents')
}

function fail (): never {
  throw new RangeError('not ours')
}

function spansWhose (method: 'end' | 'setAttribute'): Tracer {
  const tracer = new TracerProvider().getTracer('agents')
  return {
    startSpan: (...args) => Object.assign<Span, object>(tracer.startSpan(...args), { [method]: fail }),
    startActiveSpan: tracer.startActiveSpan.bind(tracer)
  }
}

t.test('what tracing throws does not reach the application, and takes no row away', async t => {
  const tracers: Record<string, Tracer> = {
    'a sampler': tracerOf({ shouldSample: fail, toString: () => 'failing' }, {}),
    'a processor at the start': tracerOf(undefined, { onStart: fail }),
    'a processor at the end': tracerOf(undefined, { onEnd: fail }),
    'an attribute': spansWhose('setAttribute'),
    'the end of a span': spansWhose('end')
  }
  for (const [name, tracer] of Object.entries(tracers)) {
    const { telemetry, rows, faults } = observe(tracer)
    const result = telemetry.run({ agentId: 'agent-1' }, run => {
      const step = run.startStep()
      step.startLlmCall({ provider: 'a', model: 'b' })
      step.startTool({ name: 'c' })
      return 'of the application'
    })
    t.equal(result, 'of the application', name)
    t.match(rows.current('provider_traces'), [{ outcome: 'incomplete' }], name)
    t.match(rows.current('step_metrics'), [{ outcome: 'incomplete' }], name)
    t.match(rows.current('run_metrics'), [{ outcome: 'ok', num_steps: 1, num_llm_calls: 1 }], name)
    t.ok(faults.length >= 4 && faults.every(fault => fault instanceof RangeError), `${name}: each of the four spans is told of`)
  }
})

t.test('without a span, what is within is in the trace around it', async t => {
  const { telemetry, rows } = observe(tracerOf({ shouldSample: fail, toString: () => 'failing' }, {}))
  const outer = new TracerProvider().getTracer('outer').startSpan('outer')
  context.with(trace.setSpan(context.active(), outer), () => { telemetry.run(run => { run.step(() => {}) }) })
  const { traceId } = outer.spanContext()
  t.match(rows.rows('step_metrics'), [{ trace_id: traceId }])
})

t.test('work that is begun within what has ended is not lost', async t => {
  const { telemetry, rows, giveUp } = observe()
  const run = telemetry.startRun({ id: 'run-1' })
  const ended = run.startStep({ id: 'step-1' })
  ended.end()
  ended.startLlmCall({ provider: 'late', model: 'x' })
  run.end()
  t.match(rows.rows('provider_traces'), [{ provider: 'late', step_id: 'step-1', run_id: 'run-1', outcome: 'incomplete' }], 'it ends with the innermost that is open')
  run.startStep({ id: 'step-2' })
  t.strictSame(rows.current('step_metrics').map(({ id }) => id), ['step-1'])
  giveUp()
  t.match(rows.rows('step_metrics').at(-1), { id: 'step-2', run_id: 'run-1', outcome: 'incomplete' })
})

t.test('a callback gives back the very object that it made, which is observed when it is awaited', async t => {
  const { telemetry, rows } = observe()
  const { url } = await modelProvider(t, json(CHAT_ANSWER), json(CHAT_ANSWER), json({ error: { message: 'no' } }, 400))
  const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: telemetry.fetch, maxRetries: 0 })
  const ask = (id: string): ReturnType<typeof create> => telemetry.run({ id }, run => run.step(step => step.llmCall({ provider: 'openai', model: 'gpt-4o' }, create)))
  const create = () => openai.chat.completions.create({ model: 'gpt-4o', messages: [] })
  const outcome = async (id: string): Promise<string | undefined> => (await rows.runMetrics('', id))?.outcome
  const { data, response } = await ask('run-1').withResponse()
  t.equal(data.id, CHAT_ANSWER.id)
  t.equal(response.status, 200)
  const answer = ask('run-2')
  t.equal(await outcome('run-2'), 'running')
  t.equal((await answer).id, CHAT_ANSWER.id)
  t.equal(await outcome('run-2'), 'ok')
  await t.rejects(async () => { await ask('run-3') }, { message: /^400/ })
  t.equal(await outcome('run-3'), 'error')
  t.match(rows.current('provider_traces').find(({ run_id: run }) => run === 'run-2'), { outcome: 'ok', output_tokens: 20 })
})

t.test('a thenable that takes no method is waited for all the same', async t => {
  const { telemetry, rows } = observe()
  const frozen = Object.freeze({ then: (resolve: (value: number) => void) => { setImmediate(() => { resolve(7) }) } }) as unknown as PromiseLike<number>
  t.equal(await telemetry.run({ id: 'run-1' }, () => frozen), 7)
  t.equal((await rows.runMetrics('', 'run-1'))?.outcome, 'ok')
})

t.test('what nobody ends is ended when too much is open: what has rested longest first, as incomplete, counted and told of', async t => {
  const { telemetry, rows, problems, stats, giveUp } = observe(undefined, 30)
  const server = telemetry.startRun({ id: 'server' })
  const calls: LlmCall[] = []
  for (let at = 0; at < 100; at++) {
    calls.push(telemetry.startRun({ id: `run-${at}` }).startStep({ id: `step-${at}` }).startLlmCall({ provider: 'a', model: 'b' }))
    server.startStep().end()
    if (at === 9) t.match(rows.current('provider_traces'), [{ run_id: 'run-0', step_id: 'step-0', outcome: 'incomplete' }], 'from the inside')
  }
  const { open, abandoned } = stats()
  t.equal(open, 30 - 1, 'the last one to end made room for a step that has ended too')
  t.equal(abandoned, 1 + 100 * 3 - open)
  t.strictSame(problems, Array.from({ length: abandoned }, () => problems[0]), 'in words that do not change, and so are said once')
  t.match(problems[0], /^30 runs, steps, LLM calls and tools were open/)
  const outcomes = new Map(rows.current('run_metrics').map(({ id, outcome }) => [id, outcome]))
  t.strictSame(['run-0', 'run-99', 'server'].map(id => outcomes.get(id)), ['incomplete', 'running', 'running'], 'what is used does not rest')
  calls[0]!.end({ usage: { inputTokens: 7, outputTokens: 3 } })
  t.match(rows.current('provider_traces')[0], { run_id: 'run-0', outcome: 'ok', input_tokens: 7, output_tokens: 3 }, 'what is billed is not lost')
  giveUp()
  t.strictSame(stats(), { open: 0, abandoned })
  for (const [table, count] of [['run_metrics', 101], ['step_metrics', 200], ['provider_traces', 100]] as const) t.equal(rows.current(table).length, count, table)
  t.notOk(rows.current('run_metrics').some(({ outcome }) => outcome === 'running'))
})

t.test('what waits for an answer that never comes is bounded too', async t => {
  const counted: Array<[name: string, value: number]> = []
  const meter = Object.assign(createNoopMeter(), { createCounter: (name: string) => ({ add (value: number) { counted.push([name, value]) } }) })
  const { telemetry, rows, stats } = observe(undefined, 3, meter)
  for (let at = 1; at <= 4; at++) {
    telemetry.run({ id: `run-${at}` }, run => {
      run.step(step => {
        const call = step.startLlmCall({ provider: 'a', model: 'b' })
        void call.watch(new Promise(() => {}))
        call.end()
      })
    })
  }
  t.strictSame(stats(), { open: 1, abandoned: 3 })
  t.strictSame(counted.filter(([name]) => name.includes('abandoned')), Array(3).fill(['letta_otel.agent.work.abandoned', 1]))
  t.match(rows.rows('provider_traces').map(({ run_id: run, outcome }) => [run, outcome]), [1, 2, 3].map(at => [`run-${at}`, 'incomplete']))
  t.match(await rows.runMetrics('', 'run-1'), { outcome: 'ok', num_llm_calls: 1 }, 'their run counts them')
})

t.test('what is begun within work does not end that, however long it has rested', async t => {
  const { telemetry, rows, stats } = observe(undefined, 4)
  const outcome = (id: string): string | undefined => rows.current('run_metrics').find(run => run.id === id)?.outcome
  const old = telemetry.startRun({ id: 'old' })
  const step = old.startStep({ id: 'step' })
  telemetry.startRun({ id: 'young' })
  telemetry.startRun({ id: 'youngest' })
  step.startTool({ name: 'a' })
  t.strictSame(['old', 'young', 'youngest'].map(outcome), ['running', 'incomplete', 'running'])
  step.startTool({ name: 'b' })
  t.strictSame(['old', 'youngest'].map(outcome), ['running', 'incomplete'])
  step.startTool({ name: 'c' })
  t.strictSame([outcome('old'), stats()], ['running', { open: 4, abandoned: 3 }], 'a tool of the same step made room')
  const narrow = observe(undefined, 1)
  narrow.telemetry.run({ id: 'run' }, run => { run.step(inner => { inner.tool({ name: 'a' }, () => {}) }) })
  t.strictSame(narrow.stats(), { open: 0, abandoned: 0 }, 'work around is more than the bound, where there is nothing else')
})

t.test('of what nobody ends, a run goes with all of it before what was begun later', async t => {
  const { telemetry, rows, stats } = observe(undefined, 6)
  for (const at of [1, 2]) telemetry.startRun({ id: `run-${at}` }).startStep({ id: `step-${at}` }).startLlmCall({ provider: 'a', model: 'b' })
  for (const at of [3, 4, 5]) telemetry.startRun({ id: `run-${at}` })
  t.equal(stats().abandoned, 3)
  t.match(rows.current('run_metrics').map(({ outcome }) => outcome), ['incomplete', 'running', 'running', 'running', 'running'])
  t.equal(rows.current('provider_traces').length, 1)
})

t.test('what cannot say how it ended does not stay, and reaches nobody who begins something', async t => {
  const { telemetry, rows, faults, stats, giveUp } = observe(undefined, 2)
  const signal = { get aborted (): boolean { throw new RangeError('no') } } as AbortSignal
  const run = telemetry.startRun({ id: 'odd', signal })
  run.startStep({ signal })
  for (const at of [1, 2, 3]) telemetry.startRun({ id: `run-${at}` })
  telemetry.startRun({ id: 'odd too', signal })
  giveUp()
  t.match(rows.current('run_metrics').map(({ outcome }) => outcome), Array(5).fill('incomplete'))
  t.match(faults, [RangeError, RangeError, RangeError])
  t.strictSame(stats(), { open: 0, abandoned: 4 })
})

t.test('a stream that is read does not rest; one that was given up says at its end what is billed', async t => {
  const gate = Promise.withResolvers<void>()
  const [first, second, ...rest] = [chatChunk({ content: 'a' }), chatChunk({ content: 'b' }), chatChunk({ content: '' }, 'stop'), chatUsage(100, 20), 'data: [DONE]\n\n']
    .map(event => typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`) as [string, string, ...string[]]
  const { url } = await modelProvider(t, async response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(first)
    await gate.promise
    response.write(second)
    response.end(rest.join(''))
  })
  const { telemetry, rows, stats } = observe(undefined, 4)
  const step = telemetry.startRun({ id: 'run' }).startStep({ id: 'step' })
  const ask = async (): Promise<Response> => await telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'gpt-4o', stream: true, messages: [] }) })
  const reader = (await ask()).body!.getReader()
  telemetry.startRun({ id: 'other' })
  await reader.read()
  telemetry.startRun({ id: 'more' })
  t.match(rows.current('run_metrics').map(({ id, outcome }) => [id, outcome]), [['run', 'running'], ['other', 'incomplete'], ['more', 'running']])
  for (let at = 0; at < 3; at++) telemetry.startRun({ id: `run-${at}` })
  t.match(rows.current('provider_traces'), [{ outcome: 'incomplete', output_tokens: 1, usage_estimated: true }], 'nothing else was left')
  step.end()
  gate.resolve()
  while (!(await reader.read()).done);
  await new Promise(resolve => { setImmediate(resolve) })
  const billed = { input_tokens: 100, output_tokens: 20 }
  t.match(rows.current('provider_traces'), [{ ...billed, outcome: 'ok', usage_estimated: false, chunk_count: 2 }])
  t.match(rows.current('step_metrics'), [billed])
  t.match(rows.current('run_metrics').find(({ id }) => id === 'run'), { ...billed, num_llm_calls: 1, outcome: 'incomplete' })
  t.equal(stats().open, 4)
})

t.test('what is watched is corrected by its end as well, and said once more it counts once', async t => {
  const { telemetry, rows, giveUp } = observe()
  const run = telemetry.startRun({ id: 'run' })
  const call = run.startStep({ id: 'step' }).startLlmCall({ provider: 'openai', model: 'gpt-4o' })
  const stream = call.watch((async function * () { yield chatChunk({ content: 'a' }, 'stop'); yield chatUsage(100, 20) })())
  await stream.next()
  giveUp()
  t.match(rows.current('run_metrics'), [{ outcome: 'incomplete', input_tokens: 0, output_tokens: 1 }])
  while ((await stream.next()).done !== true);
  await new Promise(resolve => { setImmediate(resolve) })
  t.match(rows.current('provider_traces'), [{ outcome: 'ok', input_tokens: 100, output_tokens: 20 }])
  call.end({ usage: { inputTokens: 100, outputTokens: 21 } })
  t.match(rows.current('provider_traces'), [{ outcome: 'ok', input_tokens: 100, output_tokens: 21 }])
  for (const table of ['run_metrics', 'step_metrics'] as const) t.match(rows.current(table), [{ input_tokens: 100, output_tokens: 21 }], table)
})

t.test('a run that asks for ever more tools tells of the first thousand', async t => {
  const { telemetry, rows } = observe()
  telemetry.run({ id: 'run' }, run => {
    run.step(step => { for (let at = 0; at < 1_500; at++) step.tool({ name: `tool-${at % 1_200}` }, () => {}) })
  })
  const tools = rows.current('run_metrics')[0]!.tools_used
  t.equal(tools.length, 1_000)
  t.equal(tools.at(-1), 'tool-999')
})
