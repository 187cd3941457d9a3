/** Work whose callback returns what is still to be read: it ends when that does. */
import { context, trace } from '@opentelemetry/api'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import OpenAI from 'openai'
import t, { type Test } from 'tap'
import type { Run, Step } from '../../lib/index.ts'
import { addContextAttribute } from '../../lib/index.ts'
import { finishedSpans } from '../../lib/testing.ts'
import { DONE, chatChunk, chatUsage, events, json, modelProvider, stallsAfter } from './model-provider.ts'
import { drain, observedAgents, onlyCall, stopAfterFirst, type ObservedAgentsForTest } from './observed-agents.ts'
import { until } from '../request/observed-app.ts'

const QUESTION = { model: 'gpt-4o', messages: [] }
const STREAM = events(chatChunk({ content: 'a' }), chatChunk({ content: 'b' }, 'stop'), chatUsage(100, 2), DONE)

const outcomes = ({ rows }: ObservedAgentsForTest): unknown => ({
  run: rows.current('run_metrics').at(-1)?.outcome,
  step: rows.current('step_metrics').at(-1)?.outcome
})

const OPEN = { run: 'running', step: undefined }
const OK = { run: 'ok', step: 'ok' }
const FAILED = { run: 'error', step: 'error' }
const LEFT = { run: 'incomplete', step: 'incomplete' }

/** What reads something that was returned, in each of the ways in which it can be read. */
type Reads = (value: any) => Promise<unknown>

async function endOf (t: Test, name: string, make: () => unknown, read: Reads, expected: object): Promise<void> {
  for (const asPromise of [false, true]) {
    const agents = await observedAgents(t)
    const { telemetry } = agents
    const value = asPromise
      ? await telemetry.run(async run => await run.step(async () => make()))
      : telemetry.run(run => run.step(() => make()))
    t.strictSame(outcomes(agents), OPEN, `${name}: is open`)
    await read(value)
    t.strictSame(outcomes(agents), expected, `${name}: has ended`)
    t.strictSame(agents.faults, [])
  }
}

async function * numbers (fails = false): AsyncGenerator<number, string> {
  yield 1
  yield 2
  if (fails) throw new RangeError('broken')
  return 'all'
}

function * plainNumbers (): Generator<number> {
  yield 1
  yield 2
}

function stream (fails = false): ReadableStream<string> {
  let left = 2
  return new ReadableStream({
    pull (controller) {
      if (left-- > 0) controller.enqueue('x')
      else if (fails) controller.error(new RangeError('broken'))
      else controller.close()
    }
  }, { highWaterMark: 0 })
}

const bytes = (fails = false): ReadableStream<Uint8Array> => stream(fails).pipeThrough(new TextEncoderStream())
const read: Reads = drain
const cancel: Reads = async (body: ReadableStream) => { await body.cancel('enough') }
const fails: Reads = async value => { await drain(value).then(() => { throw new Error('it did not fail') }, (error: unknown) => { if (!(error instanceof RangeError)) throw error }) }

t.test('iterations', async t => {
  await endOf(t, 'a generator', plainNumbers, async value => { for (const n of value) if (n > 9) break }, OK)
  await endOf(t, 'a generator left early', plainNumbers, async value => { for (const n of value) if (n === 1) break }, LEFT)
  await endOf(t, 'an asynchronous generator', () => numbers(), read, OK)
  await endOf(t, 'one that throws', () => numbers(true), fails, FAILED)
  await endOf(t, 'one that is thrown into', () => numbers(), async value => { await value.throw(new RangeError('in')).catch(() => {}) }, FAILED)
  await endOf(t, 'one left early', () => numbers(), stopAfterFirst, LEFT)
  await endOf(t, 'something that can be iterated', () => ({ [Symbol.asyncIterator]: () => numbers() }), read, OK)
})

t.test('web streams and responses', async t => {
  await endOf(t, 'a stream', () => stream(), read, OK)
  await endOf(t, 'a stream that fails', () => stream(true), fails, FAILED)
  await endOf(t, 'a stream that is cancelled', () => stream(), cancel, LEFT)
  await endOf(t, 'a stream left early', () => stream(), stopAfterFirst, LEFT)
  await endOf(t, 'a response', () => new Response(bytes()), async value => { t.equal(await value.text(), 'xx') }, OK)
  await endOf(t, 'a response that fails', () => new Response(bytes(true)), async value => { await t.rejects(value.text(), RangeError) }, FAILED)
  await endOf(t, 'a response whose body is cancelled', () => new Response(bytes()), async value => { await value.body.cancel() }, LEFT)
})

t.test('what has no end of its own ends the work at once', async t => {
  const { Readable } = await import('node:stream')
  const locked = stream()
  locked.getReader()
  const used = new Response('x')
  await used.text()
  const readable = Readable.from(['a'])
  for (const value of [undefined, 7, [1, 2], new Map([[1, 2]]), readable, locked, used, new Response(null), Response.error()]) {
    const agents = await observedAgents(t)
    t.equal(agents.telemetry.run(run => run.step(() => value)), value, 'and is what was returned')
    t.strictSame(outcomes(agents), OK)
  }
  readable.destroy()
})

t.test('what is read belongs to the work, and is not read before somebody asks', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, STREAM)
  const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch })
  let begun = 0
  const inner = async function * (step: Step): AsyncGenerator<string> {
    begun++
    for await (const chunk of await openai.chat.completions.create({ ...QUESTION, stream: true })) yield chunk.choices[0]?.delta.content ?? ''
    step.tool({ name: 'search' }, () => {})
  }
  const outer = async function * (run: Run): AsyncGenerator<string> { yield * run.step({ id: 'step-1' }, inner) }
  const text = agents.telemetry.run({ id: 'run-1' }, outer)
  t.equal(begun, 0)
  const seen: string[] = []
  for await (const part of text) {
    t.equal(trace.getSpan(context.active()), undefined, 'whoever reads is outside')
    seen.push(part)
  }
  t.equal(seen.join(''), 'ab')
  t.strictSame(outcomes(agents), OK)
  t.match(await onlyCall(agents), { outcome: 'ok', run_id: 'run-1', step_id: 'step-1', output_tokens: 2 })
  t.match(agents.rows.current('run_metrics'), [{ num_steps: 1, num_llm_calls: 1, tools_used: ['search'], output_tokens: 2 }])
  const [step] = finishedSpans().filter(({ name }) => name === 'step')
  t.equal(agents.span('execute_tool search').parentSpanId, step!.spanId)

  let pulled = 0
  const spans: unknown[] = []
  const body = agents.telemetry.run(() => new ReadableStream({
    pull (controller) {
      spans.push(trace.getSpan(context.active())?.isRecording())
      controller.enqueue(++pulled)
    }
  }, { highWaterMark: 0 }))
  await new Promise(resolve => { setImmediate(resolve) })
  t.equal(pulled, 0)
  const reader = body.getReader()
  await reader.read()
  await reader.read()
  t.equal(pulled, 2, 'one chunk for each that is asked for')
  t.strictSame(spans, [true, true])
  await reader.cancel()
})

t.test('a stream of a provider\'s client, from its own kind of promise', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, STREAM)
  const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch })
  const promise = agents.telemetry.run(run => run.step(step => step.llmCall({ provider: 'openai', model: 'gpt-4o' },
    () => openai.chat.completions.create({ ...QUESTION, stream: true }))))
  const answer = await promise
  t.equal(await promise, answer, 'awaited twice it is one')
  t.strictSame(outcomes(agents), OPEN)
  await drain(answer)
  t.strictSame(outcomes(agents), OK)
  t.match(await onlyCall(agents), { outcome: 'ok', output_tokens: 2, input_tokens: 100 })
  t.equal(agents.span('chat gpt-4o').attributes['letta.outcome'], 'ok')
})

t.test('a client that goes away while it is sent what a run returned', async t => {
  const { url } = await modelProvider(t, stallsAfter(chatChunk({ content: 'a' })))
  const agents = await observedAgents(t, {}, (app, telemetry) => {
    const ask = async (signal: AbortSignal): Promise<Response> =>
      await telemetry.fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...QUESTION, stream: true }), signal })
    app.get('/', async (request, reply) => {
      addContextAttribute('project.id', 'p-1')
      reply.header('content-type', 'text/event-stream')
      return await telemetry.run(async run => await run.step(async () => (await ask(request.signal)).body))
    })
  })
  const controller = new AbortController()
  const { body } = await fetch(agents.url, { signal: controller.signal })
  await body!.getReader().read()
  controller.abort()
  await until(() => agents.rows.current('run_metrics').every(({ outcome }) => outcome !== 'running'), 'the end of the run')
  t.strictSame(outcomes(agents), { run: 'disconnected', step: 'disconnected' })
  t.match(await onlyCall(agents), { outcome: 'disconnected', output_tokens: 1, project_id: 'p-1' })
})

t.test('what nobody reads is not waited for', async t => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, json({}))
  const openai = new OpenAI({ apiKey: 'x', baseURL: `${url}/v1`, fetch: agents.telemetry.fetch })
  const makes: Array<() => unknown> = [
    () => numbers(), () => stream(), () => new Response(bytes()), () => ({ [Symbol.asyncIterator]: () => numbers() }), () => openai.models.list()
  ]
  // Outside this frame nothing may hold them.
  ;(() => { for (const make of makes) agents.telemetry.run(make) })()
  for (let round = 0; round < 200 && agents.rows.current('run_metrics').some(({ outcome }) => outcome === 'running'); round++) {
    collectGarbage()
    await wait(5)
  }
  t.strictSame(agents.rows.current('run_metrics').map(({ outcome }) => outcome), makes.map(() => 'incomplete'))
})
