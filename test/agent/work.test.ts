/** What work does that goes wrong around it, and what is handed back. */
import { context, createNoopMeter, trace, type Span, type Tracer } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider, type Sampler, type SpanProcessor } from '@opentelemetry/sdk-trace'
import OpenAI from 'openai'
import t from 'tap'
import { observeAgents, type ObservedAgents } from '../../lib/agent/agent-telemetry.ts'
import { resolveOptions } from '../../lib/options.ts'
import { MemoryRows } from './memory-rows.ts'
import { CHAT_ANSWER, json, modelProvider } from './model-provider.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

interface Observed extends ObservedAgents {
  readonly rows: MemoryRows
  readonly faults: unknown[]
}

function observe (tracer: Tracer = new TracerProvider().getTracer('agents')): Observed {
  const rows = new MemoryRows()
  const faults: unknown[] = []
  const options = resolveOptions({ agents: {} }, {}).agents
  if (options === false) throw new Error('agents are off')
  return { ...observeAgents(options, { tracer, meter: createNoopMeter(), rows, warn () {}, onFault (fault) { faults.push(fault) } }), rows, faults }
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
