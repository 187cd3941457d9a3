/** A span lasts as long as the result takes, and what the caller gets behaves as before. */
import { trace } from '@opentelemetry/api'
import { Readable } from 'node:stream'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { FinishedSpan } from '../../lib/runtime/memory-destination.ts'
import { traceMethod } from '../../lib/trace/trace-method.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { libUrl, runScript } from '../fixtures/node-process.ts'
import { recordSpans } from './recorded-spans.ts'

useEnvironment({})

async function collect<T> (iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of iterable) items.push(item)
  return items
}

const activeId = (): string | undefined => trace.getActiveSpan()?.spanContext().spanId

t.test('a promise', async t => {
  const spans = recordSpans(t)
  const { promise, resolve } = Promise.withResolvers<number>()
  const result = traceMethod(async () => {
    await promise
    return activeId()
  })()
  await setImmediate()
  t.strictSame(await spans(), [], 'the span is open')
  resolve(1)
  const inside = await result
  const [span] = await spans()
  t.match(span, { status: { code: 'OK' } })
  t.equal(inside, span!.spanId, 'the function runs in its span')
  t.equal(activeId(), undefined)

  const error = new TypeError('no')
  await t.rejects(traceMethod(async () => { throw error })(), error)
  t.match(await spans(), [{ status: { code: 'ERROR', message: 'no' }, events: [{ attributes: { 'exception.type': 'TypeError' } }] }])
  await t.rejects(traceMethod(async () => await Promise.reject('a text'))(), 'a text') // eslint-disable-line prefer-promise-reject-errors
  t.match(await spans(), [{ status: { code: 'ERROR', message: 'a text' }, attributes: { 'error.type': 'string' } }])
})

t.test('calls within calls', async t => {
  const spans = recordSpans(t)
  const inner = traceMethod(async function inner () { await setImmediate() })
  const outer = traceMethod(async function outer () { await Promise.all([inner(), inner()]) })
  await outer()
  const recorded = await spans()
  const { spanId } = recorded.find(({ name }) => name === 'outer')!
  t.same(recorded.map(({ name, parentSpanId }) => [name, parentSpanId]), [['inner', spanId], ['inner', spanId], ['outer', undefined]])
})

t.test('a rejection that nobody handles is still one', async t => {
  const { code, stderr } = await runScript(`
    const { traceMethod } = await import('${libUrl('trace/trace-method.ts')}')
    const { Runtime } = await import('${libUrl('runtime/runtime.ts')}')
    const { resolveOptions } = await import('${libUrl('options.ts')}')
    new Runtime(resolveOptions({ destination: 'memory', instrumentations: false }, {}).runtime, console.error)
    traceMethod(async () => { throw new Error('nobody sees this') })()`)
  t.equal(code, 1)
  t.match(stderr, 'nobody sees this')
})

t.test('a generator: each step in the span, which ends with the iteration', async t => {
  const spans = recordSpans(t)
  const seen = new Set<string | undefined>()
  const count = traceMethod(function * count (to: number): Generator<number, string, number | undefined> {
    for (let n = 0; n < to; n++) {
      seen.add(activeId())
      n += (yield n) ?? 0
    }
    return 'done'
  })
  const iterator = count(3)
  t.equal(Object.prototype.toString.call(iterator), '[object Generator]')
  t.same(iterator.next(), { value: 0, done: false })
  t.strictSame(await spans(), [], 'the span is open')
  t.same(iterator.next(1), { value: 2, done: false }, 'what is sent in arrives')
  t.same(iterator.next(), { value: 'done', done: true })
  const [span] = await spans()
  t.match(span, { name: 'count', status: { code: 'OK' }, attributes: { 'parameter.to': 3 } })
  t.same([...seen], [span!.spanId])
  t.equal(activeId(), undefined)
  t.same(iterator.next(), { value: undefined, done: true })
  t.strictSame(await spans(), [], 'a span ends once')

  for (const n of count(5)) if (n === 1) break
  t.match(await spans(), [{ status: { code: 'OK' } }], 'a loop that is left')
  t.throws(() => count(5).throw(new RangeError('in')), new RangeError('in'))
  t.match(await spans(), [{ status: { code: 'ERROR', message: 'in' } }])
  function * all (): Generator<number, string> { return yield * count(2) }
  t.same([...all()], [0, 1])
  t.match(await spans(), [{ status: { code: 'OK' } }], 'delegated to')
  t.throws(() => [...traceMethod(function * () { yield 1; throw new Error('later') })()], new Error('later'))
  t.match(await spans(), [{ status: { code: 'ERROR', message: 'later' } }])
})

t.test('an asynchronous generator', async t => {
  const spans = recordSpans(t)
  const seen = new Set<string | undefined>()
  let cleaned = 0
  const stream = traceMethod(async function * stream (fail: boolean) {
    try {
      for (const chunk of ['a', 'b', 'c']) {
        await setImmediate()
        seen.add(activeId())
        yield chunk
      }
      if (fail) throw new Error('provider died')
    } finally {
      cleaned++
    }
  })
  const chunks: string[] = []
  for await (const chunk of stream(false)) {
    t.strictSame(await spans(), [])
    t.equal(activeId(), undefined, 'the consumer is outside the span')
    chunks.push(chunk)
  }
  t.same(chunks, ['a', 'b', 'c'])
  const [span] = await spans()
  t.match(span, { status: { code: 'OK' } })
  t.same([...seen], [span!.spanId])

  for await (const chunk of stream(false)) if (chunk === 'b') break
  t.match(await spans(), [{ status: { code: 'OK' } }], 'a loop that is left')
  t.equal(cleaned, 2)
  await t.rejects(collect(stream(true)), new Error('provider died'))
  t.match(await spans(), [{ status: { code: 'ERROR', message: 'provider died' } }])
  await t.rejects(stream(false).throw(new Error('thrown in')), new Error('thrown in'))
  t.match(await spans(), [{ status: { code: 'ERROR', message: 'thrown in' } }])
  t.same(await collect(await traceMethod(async () => stream(false))()), ['a', 'b', 'c'])
  t.match(await spans(), [{ name: 'stream' }, { name: 'anonymous', status: { code: 'OK' } }], 'a promise of an iterator')
})

t.test('an iterator of one own making', async t => {
  const spans = recordSpans(t)
  const numbers = (): AsyncIterator<number> & AsyncIterable<number> => {
    let n = 0
    return { next: async () => ({ done: n === 3, value: n++ }), [Symbol.asyncIterator] () { return this } }
  }
  t.same(await collect(traceMethod(numbers)()), [0, 1, 2])
  t.match(await spans(), [{ status: { code: 'OK' } }])
  const iterator = traceMethod(numbers)()
  for await (const n of iterator) if (n === 0) break
  t.match(await spans(), [{ status: { code: 'OK' } }], 'it has no return method, and its loop was left')
  t.same(await collect(iterator), [1, 2], 'and goes on where it was left, as it would have')

  class Stream {
    async * [Symbol.asyncIterator] (): AsyncGenerator<number> { yield 1 }
  }
  const result = traceMethod(() => new Stream())()
  t.ok(result instanceof Stream)
  t.strictSame(await spans(), [])
  t.same(await collect(result), [1])
  t.match(await spans(), [{ status: { code: 'OK' } }], 'of something that can be iterated')
  t.same(await collect(result), [1], 'once more')
  t.strictSame(await spans(), [])

  const broken = { next () { throw new Error('broken') }, [Symbol.iterator] () { return this } }
  t.throws(() => [...traceMethod(() => broken)() as Iterable<unknown>], new Error('broken'))
  t.match(await spans(), [{ status: { code: 'ERROR' } }])
})

t.test('results that are nobody else\'s to touch', async t => {
  const spans = recordSpans(t)
  const list = [1, 2]
  const map = new Map()
  const readable = Readable.from(['x'])
  const web = new ReadableStream()
  const frozen = Object.freeze({ next () {}, [Symbol.iterator] () { return this } })
  const thrower = { get then () { throw new Error('do not look') } }
  for (const result of [undefined, null, 0, 'text', list, map, readable, web, frozen, thrower, () => {}]) {
    t.equal(traceMethod(() => result)(), result)
    t.match(await spans(), [{ status: { code: 'OK' } }])
  }
  t.same(Reflect.ownKeys(list), ['0', '1', 'length'])
  t.notOk(Object.hasOwn(readable, Symbol.asyncIterator))
  readable.destroy()
})

t.test('a thenable stays what it is, and does not begin before it is awaited', async t => {
  const spans = recordSpans(t)
  let runs = 0
  class Query {
    readonly #fails: boolean
    constructor (fails: boolean) { this.#fails = fails }
    where (): this { return this }
    then (resolve: (value: string | undefined) => void, reject: (error: unknown) => void): void {
      runs++
      const id = activeId()
      queueMicrotask(() => { if (this.#fails) reject(new Error('bad query')); else resolve(id) })
    }
  }
  const query = traceMethod((fails: boolean) => new Query(fails))
  const lazy = query(false)
  t.ok(lazy.where() instanceof Query)
  await setImmediate()
  t.equal(runs, 0)
  t.strictSame(await spans(), [])
  const id = await lazy
  const [span] = await spans()
  t.equal(runs, 1)
  t.equal(id, span!.spanId, 'it runs in the span')
  t.match(span, { status: { code: 'OK' } })
  await t.rejects(async () => { await query(true) }, new Error('bad query'))
  t.match(await spans(), [{ status: { code: 'ERROR' } }])

  class OwnPromise<T> extends Promise<T> { extra = 1 }
  const own = traceMethod(() => OwnPromise.resolve(5) as OwnPromise<number>)()
  t.ok(own instanceof OwnPromise)
  t.equal(await own, 5)
  t.match(await spans(), [{ status: { code: 'OK' } }])
  const passed = traceMethod(() => OwnPromise.resolve(5))()
  t.equal(await passed.catch(() => 0).finally(() => {}), 5)
  t.match(await spans(), [{ status: { code: 'OK' } }])
})

t.test('an iteration that was begun or not, a query that was not awaited or never settled, and dropped', async t => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const spans = recordSpans(t)
  const numbers = traceMethod(function * numbers () { yield 1; yield 2 })
  const later = traceMethod(async function * later () { yield 1; yield 2 })
  const query = traceMethod((where: number) => ({ where, then () {} }))
  const list = traceMethod(() => ({ async * [Symbol.asyncIterator] () { yield 1 } }), { name: 'list' })
  const kept = numbers()
  // Outside this frame nothing may hold them.
  await (async () => {
    numbers()
    numbers().next()
    later()
    await later().next()
    query(1)
    void Promise.resolve(query(2) as unknown)
    list()
  })()
  const ended: FinishedSpan[] = []
  for (let round = 0; round < 200 && ended.length < 7; round++) {
    collectGarbage()
    await setTimeout(5)
    ended.push(...await spans())
  }
  t.strictSame(ended.map(({ name, status }) => [name, status.code]).sort(), [
    ['anonymous', 'UNSET'], ['anonymous', 'UNSET'], ['later', 'UNSET'], ['later', 'UNSET'], ['list', 'UNSET'], ['numbers', 'UNSET'], ['numbers', 'UNSET']
  ])
  t.strictSame([...kept], [1, 2])
  t.match(await spans(), [{ name: 'numbers', status: { code: 'OK' } }], 'one that somebody holds goes on')
})
