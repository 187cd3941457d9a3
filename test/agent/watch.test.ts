/** `call.watch()`: promises, async iterables, web streams, values. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import type { LlmCall } from '../../lib/index.ts'
import { CHAT_ANSWER, DONE, MESSAGE_START, MESSAGE_STOP, chatChunk, chatUsage, messageDelta, textDelta } from './model-provider.ts'
import { agentMetrics, drain, observedAgents, onlyCall, stopAfterFirst, type ObservedAgentsForTest } from './observed-agents.ts'
import { until } from '../request/observed-app.ts'

async function start (t: Parameters<typeof observedAgents>[0]): Promise<{ agents: ObservedAgentsForTest, call: LlmCall }> {
  const agents = await observedAgents(t)
  return { agents, call: agents.telemetry.startRun().startStep().startLlmCall({ provider: 'acme', model: 'acme-1' }) }
}

async function * list (...items: unknown[]): AsyncGenerator<unknown> {
  yield * items
}

function stream (...items: unknown[]): ReadableStream<unknown> {
  return new ReadableStream({ start (controller) { for (const item of items) controller.enqueue(item); controller.close() } })
}

const CHAT = [chatChunk({ role: 'assistant', content: '' }), chatChunk({ content: 'a' }), chatChunk({ content: 'b' }, 'stop'), chatUsage(5, 2)]
const MESSAGE = [MESSAGE_START, textDelta('a'), textDelta('b'), messageDelta(9), MESSAGE_STOP]
const SSE = Buffer.from(CHAT.map(chunk => `data: ${JSON.stringify(chunk)}\n\n`).join('') + DONE)

t.test('chunks of known shapes, as an iterable, a web stream, and the promise of each', async t => {
  for (const source of [list(...CHAT), stream(...CHAT), Promise.resolve(list(...CHAT)), Promise.resolve(stream(...CHAT)), stream(SSE.subarray(0, 99), SSE.subarray(99)), stream(SSE.subarray(0, 2), SSE.subarray(2, 3), SSE.subarray(3))]) {
    const { agents, call } = await start(t)
    const seen: unknown[] = []
    for await (const chunk of await call.watch(source) as AsyncIterable<unknown>) seen.push(chunk)
    if (seen.length === 4) t.strictSame(seen, CHAT)
    else t.ok(Buffer.concat(seen as Buffer[]).equals(SSE))
    call[Symbol.dispose]()
    t.match(await onlyCall(agents), { outcome: 'ok', chunk_count: 2, input_tokens: 5, output_tokens: 2, response_model: 'gpt-4o-2024-08-06' })
  }
  const { agents, call } = await start(t)
  await drain(call.watch(list(...MESSAGE)))
  call.end()
  t.match(await onlyCall(agents), { outcome: 'ok', chunk_count: 2, input_tokens: 45, output_tokens: 9 })
})

t.test('any other chunk is content', async t => {
  for (const items of [['', 'a', 'b'], [{ piece: 1 }, { piece: 2 }], [Buffer.from('abc'), Buffer.from('d')], [Buffer.from('i'), Buffer.from('d')], [Buffer.from('d'), Buffer.from('one')]]) {
    const { agents, call } = await start(t)
    await drain(call.watch(list(...items)))
    call.end()
    t.match(await onlyCall(agents), { outcome: 'ok', chunk_count: 2, output_tokens: 2, usage_estimated: true })
  }
})

t.test('a whole answer, and the promise of one', async t => {
  for (const source of [CHAT_ANSWER, Promise.resolve(CHAT_ANSWER)]) {
    const { agents, call } = await start(t)
    t.equal(await call.watch(source), CHAT_ANSWER)
    call[Symbol.dispose]()
    t.match(await onlyCall(agents), { outcome: 'ok', input_tokens: 100, output_tokens: 20, ttft_ns: null })
  }
})

t.test('a promise whose rejection somebody handled, and not what watches it', async t => {
  const { agents, call } = await start(t)
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => { unhandled.push(reason) }
  process.on('unhandledRejection', note)
  t.teardown(() => { process.off('unhandledRejection', note) })
  const source = Promise.reject(new TypeError('no'))
  call.watch(source)
  await t.rejects(source, TypeError)
  // Node tells of unhandled rejections before the next turn.
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(unhandled, [])
  call.end()
  t.match(await onlyCall(agents), { outcome: 'error', error_type: 'TypeError' })
})

t.test('an answer in several versions is whole when each of them is', async t => {
  const part = (index: number, reason: string | null): object => ({ id: 'c', object: 'chat.completion.chunk', choices: [{ index, delta: { content: 'x' }, finish_reason: reason }] })
  const cases: Array<[items: object[], outcome: string]> = [
    [[part(0, null), part(1, null), part(0, 'stop')], 'incomplete'],
    [[part(0, 'stop'), part(1, null)], 'incomplete'],
    [[part(0, 'stop'), part(1, null), part(1, 'length')], 'ok'],
    [[part(0, 'stop'), part(1, 'stop'), part(0, null)], 'ok'],
    [[{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }, { index: 1, delta: { content: 'y' }, finish_reason: null }] }], 'incomplete'],
    [[{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }, { index: 1, delta: { content: 'y' }, finish_reason: 'stop' }] }], 'ok']
  ]
  for (const [items, outcome] of cases) {
    const { agents, call } = await start(t)
    await drain(call.watch(list(...items)))
    call.end()
    t.match(await onlyCall(agents), { outcome, chunk_count: items.length }, JSON.stringify(items))
  }
  const { agents, call } = await start(t)
  await drain(call.watch(stream(Buffer.from(`data: ${JSON.stringify(part(0, 'stop'))}\n\ndata: ${JSON.stringify(part(1, null))}\n\n${DONE}`))))
  call.end()
  t.match(await onlyCall(agents), { outcome: 'ok' }, 'the provider has said so')
})

t.test('versions without end cost no more than the first ones', async t => {
  const { agents, call } = await start(t)
  const part = (index: number): object => ({ choices: [{ index, delta: { content: 'x' }, finish_reason: null }] })
  const began = performance.now()
  await drain(call.watch(list(...Array.from({ length: 50_000 }, (_, index) => part(index)))))
  const took = performance.now() - began
  call.end()
  t.match(await onlyCall(agents), { outcome: 'incomplete', chunk_count: 50_000 })
  t.ok(took < 5_000, `${took.toFixed()} ms, where a look at all of them each time would take minutes`)
})

t.test('failures, and readers that stop', async t => {
  const failing = async function * (): AsyncGenerator<string> { yield 'a'; throw new RangeError('broken') }
  const outcomes: Array<[string, (call: LlmCall) => Promise<unknown>, object]> = [
    ['an iterable that throws', async call => { await t.rejects(drain(call.watch(failing())), RangeError) }, { outcome: 'error', error_type: 'RangeError', error_message: 'broken', output_tokens: 1 }],
    ['a promise that rejects', async call => { await t.rejects(call.watch(Promise.reject(new TypeError('no'))), TypeError) }, { outcome: 'error', error_type: 'TypeError' }],
    ['a stream that errors', async call => {
      await t.rejects(drain(call.watch(new ReadableStream({ pull (controller) { controller.error(new RangeError('broken')) } }))), RangeError)
    }, { outcome: 'error', error_type: 'RangeError' }],
    ['an iterable left early', async call => { await stopAfterFirst(call.watch(list('a', 'b'))) }, { outcome: 'incomplete', output_tokens: 1 }],
    ['a stream left early', async call => { await stopAfterFirst(call.watch(stream('a', 'b'))) }, { outcome: 'incomplete', output_tokens: 1 }],
    ['left when all was said', async call => { for await (const chunk of call.watch(list(...CHAT))) if ((chunk as any).choices[0].finish_reason !== null) break }, { outcome: 'ok' }],
    ['an end that never came', async call => { await drain(call.watch(list(CHAT[1]))) }, { outcome: 'incomplete', output_tokens: 1 }]
  ]
  for (const [name, read, expected] of outcomes) {
    const { agents, call } = await start(t)
    await read(call)
    call.end()
    t.match(await onlyCall(agents), expected, name)
  }
})

t.test('what an answer throws when it is looked at, and what one cannot begin with', async t => {
  const { agents, call } = await start(t)
  const hostile = { get error (): never { throw new RangeError('getter') } }
  t.equal(await call.watch(Promise.resolve(hostile)), hostile)
  t.equal(call.watch(hostile), hostile)
  t.match(agents.faults, [RangeError, RangeError])
  call.end()
  t.match(await onlyCall(agents), { outcome: 'ok' })
  const late = await start(t)
  await t.rejects(late.call.watch({ [Symbol.asyncIterator] (): never { throw new TypeError('not twice') } }).next(), TypeError)
  late.call.end()
  t.match(await onlyCall(late.agents), { outcome: 'error', error_type: 'TypeError' })
})

t.test('what is sent to an iteration reaches it', async t => {
  const { call } = await start(t)
  const echo = async function * (): AsyncGenerator<unknown, void, string> { yield yield 'first' }
  const iterator = call.watch(echo()) as AsyncIterator<unknown, void, string>
  await iterator.next('nobody takes it')
  t.strictSame(await iterator.next('sent'), { done: false, value: 'sent' })
})

t.test('nothing is read ahead, and whoever is left early is told', async t => {
  const { call } = await start(t)
  let pulled = 0
  let returned = false
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: ++pulled }),
      return: async () => { returned = true; return { done: true, value: undefined } }
    })
  }
  const iterator = call.watch(source)
  t.equal(pulled, 0)
  await iterator.next()
  t.equal(pulled, 1)
  await iterator.return?.()
  t.ok(returned)
  let cancelled: unknown
  const readable = call.watch(new ReadableStream({ pull (controller) { controller.enqueue(++pulled) }, cancel (reason) { cancelled = reason } }, { highWaterMark: 0 }))
  await new Promise(resolve => { setImmediate(resolve) })
  t.equal(pulled, 1, 'a stream waits too')
  await readable.cancel('enough')
  t.equal(cancelled, 'enough')
})

t.test('whatever chunks there are, they are handed on as they are', async t => {
  const { agents, call } = await start(t)
  await fc.assert(fc.asyncProperty(fc.array(fc.anything()), async items => {
    let at = 0
    for await (const item of call.watch(list(...items))) if (!Object.is(item, items[at++])) return false
    return at === items.length
  }))
  t.strictSame(agents.faults, [])
})

t.test('what is watched, handed out and dropped ends its call when its memory is taken back', async t => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  for (const source of [() => list('a', 'b'), () => stream('a', 'b')]) {
    const { agents, call } = await start(t)
    // Outside this frame nothing may hold it.
    await (async () => { await call.watch(source())[Symbol.asyncIterator]().next() })()
    call.end()
    t.strictSame(agents.rows.rows('provider_traces'), [])
    await until(() => {
      collectGarbage()
      return agents.rows.rows('provider_traces').length > 0
    }, 'the end of the call')
    t.match(await onlyCall(agents), { outcome: 'incomplete', output_tokens: 1 })
  }
})

t.test('what is said of a call whose scope was left is billed', async t => {
  const usage = { inputTokens: 1_000, outputTokens: 500 }
  const begin = async () => {
    const agents = await observedAgents(t, { prices: { version: '1', models: { 'acme-1': { input: 1, output: 2 } } } })
    const run = agents.telemetry.startRun()
    const step = run.startStep()
    const call = step.startLlmCall({ provider: 'acme', model: 'acme-1' })
    const billed = { input_tokens: 1_000, output_tokens: 500, cost_usd: 0.002 }
    return {
      agents,
      call,
      leave () { step.end(); run.end() },
      expect (outcome: string) {
        t.match(agents.rows.current('provider_traces'), [{ ...billed, outcome, usage_estimated: false }])
        t.match(agents.rows.current('step_metrics'), [billed])
        t.match(agents.rows.current('run_metrics'), [{ ...billed, num_llm_calls: 1 }])
        t.strictSame(agents.faults, [])
      },
      async sums () {
        const tokens = (await agentMetrics()).get('gen_ai.client.token.usage')
        return tokens?.points.map(({ count, sum }) => [count, sum])
      }
    }
  }

  const reading = await begin()
  const iterator = reading.call.watch(list('a', 'b'))
  reading.leave()
  await iterator.next()
  reading.call.end({ usage })
  reading.expect('ok')
  await drain(iterator)
  reading.call.end({ usage: { inputTokens: 7 } })
  reading.expect('ok')

  const wrapped = await begin()
  const chunks = (async function * () {
    try {
      yield * wrapped.call.watch(list('a', 'b'))
    } finally {
      wrapped.call.end({ usage })
    }
  })()
  await chunks.next()
  wrapped.leave()
  await drain(chunks)
  wrapped.expect('ok')
  t.strictSame(await wrapped.sums(), [[1, 1_000], [1, 500]], 'metrics have heard of nothing before')

  const late = await begin()
  await drain(late.call.watch(list('a', 'b')))
  late.leave()
  t.match(late.agents.rows.current('provider_traces'), [{ outcome: 'ok', output_tokens: 2 }])
  late.call.end({ usage })
  late.expect('ok')
  t.strictSame(await late.sums(), [[1, 2], [1, 1_000]], 'metrics count each kind of token of a call once')
  late.call.end({ usage: { inputTokens: 7 } })
  late.expect('ok')

  const unread = await begin()
  unread.leave()
  t.match(unread.agents.rows.current('provider_traces'), [{ outcome: 'incomplete', input_tokens: 0, cost_usd: null }])
  unread.call.end({ usage, error: new RangeError('no') })
  unread.expect('error')
})
