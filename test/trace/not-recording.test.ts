/** Methods are decorated when their module is loaded: before there is telemetry, and often without any. */
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import t from 'tap'
import { traceMethod } from '../../lib/trace/trace-method.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { recordSpans } from './recorded-spans.ts'

useEnvironment({})

let looked = 0
/** Tells when it is made text. */
const curious = { toJSON () { looked++; return 'looked' } }
const work = traceMethod(function work (value: unknown) { return [value, trace.getActiveSpan()] })

t.beforeEach(() => { looked = 0 })

t.test('decorated before a provider is there, recorded after; and by the next one too', async t => {
  t.same(work(curious), [curious, undefined])
  t.equal(looked, 0)
  await t.test('the first', async t => {
    const spans = recordSpans(t)
    work(curious)
    t.match(await spans(), [{ name: 'work', attributes: { 'parameter.value': 'looked' } }])
  })
  t.same(work(curious), [curious, undefined])
  await t.test('the second', async t => {
    const spans = recordSpans(t)
    work(curious)
    t.equal((await spans()).length, 1)
  })
})

t.test('a provider without a context manager', t => {
  const promise = Promise.resolve()
  t.equal(traceMethod(() => promise)(), promise, 'and without spans a promise is the same one')
  t.end()
})

t.test('sampled out: the parameters are not looked at, and calls inside belong to the same trace', async t => {
  const spans = recordSpans(t, {}, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' })
  const inner = traceMethod(() => trace.getActiveSpan()?.spanContext())
  const outer = traceMethod((_value: unknown) => [inner(), inner()])
  const [first, second] = outer(curious)
  t.equal(looked, 0)
  t.ok(first)
  t.equal(first!.traceId, second!.traceId, 'one decision for all of them')
  t.equal(first!.traceFlags, 0)
  t.strictSame(await spans(), [])
})

t.test('a sampler that throws keeps nobody from working', async t => {
  recordSpans(t, { sampler: { shouldSample () { throw new Error('bad sampler') }, toString: () => 'bad' } })
  t.same(work(1), [1, undefined])
})

t.test('a span of the application\'s own provider that throws', t => {
  const broken = new Proxy({}, { get: (_target, name) => name === 'isRecording' ? () => true : () => { throw new Error('bad span') } })
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => broken }) } as never)
  t.teardown(() => { trace.disable() })
  const failure = new RangeError('its own')
  t.throws(traceMethod((_value: unknown) => { throw failure }).bind(null, 1), failure)
  t.equal(traceMethod((value: unknown) => value)(1), 1)
  t.end()
})

t.test('a sampler that leaves out a span below a sampled one', async t => {
  const spans = recordSpans(t, { sampler: { shouldSample: (_context: unknown, _id: unknown, name: string) => ({ decision: name === 'work' ? 0 : 2 }), toString: () => 'by name' } })
  trace.getTracer('x').startActiveSpan('outer', outer => {
    const [, active] = work(1) as [unknown, { isRecording: () => boolean }]
    t.equal(active.isRecording(), false, 'the span that is not recorded is the active one')
    outer.end()
  })
  t.match(await spans(), [{ name: 'outer' }])
})

t.test('without an SDK the context is left alone', t => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  t.teardown(() => { context.disable() })
  const before = context.active()
  t.equal(traceMethod(() => context.active())(), before)
  t.end()
})
