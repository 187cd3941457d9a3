import { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter, propagation, trace, type Context } from '@opentelemetry/api'
import fc from 'fast-check'
import t from 'tap'
import { composePropagator } from '../../lib/runtime/propagators.ts'

const SPAN_CONTEXT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
const refuse = (warning: string): void => { throw new Error(warning) }

function injected (names: string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  const carrier = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, SPAN_CONTEXT), propagation.createBaggage({ tier: { value: 'gold' } }))
  composePropagator(names, refuse)?.inject(carrier, headers, defaultTextMapSetter)
  return headers
}

t.test('each name propagates its own headers', async t => {
  const traceparent = `00-${SPAN_CONTEXT.traceId}-${SPAN_CONTEXT.spanId}-01`
  t.strictSame(injected(['tracecontext', 'baggage']), { traceparent, baggage: 'tier=gold' })
  t.strictSame(injected(['tracecontext']), { traceparent })
  t.strictSame(injected(['b3']), { b3: `${SPAN_CONTEXT.traceId}-${SPAN_CONTEXT.spanId}-1` })
  t.strictSame(injected(['b3multi']), { 'x-b3-traceid': SPAN_CONTEXT.traceId, 'x-b3-spanid': SPAN_CONTEXT.spanId, 'x-b3-sampled': '1' })
})

t.test('b3 is read in both forms', async t => {
  const propagator = composePropagator(['b3'], refuse)!
  for (const headers of [{ b3: `${SPAN_CONTEXT.traceId}-${SPAN_CONTEXT.spanId}-1` }, { 'x-b3-traceid': SPAN_CONTEXT.traceId, 'x-b3-spanid': SPAN_CONTEXT.spanId, 'x-b3-sampled': '1' }]) {
    t.match(trace.getSpanContext(propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)), SPAN_CONTEXT)
  }
})

t.test('none means none, among others too', async t => {
  t.equal(composePropagator(['none'], refuse), undefined)
  t.equal(composePropagator(['tracecontext', 'none'], refuse), undefined)
  t.equal(composePropagator([], refuse), undefined)
})

t.test('a name that is not known is ignored with a warning', async t => {
  const warnings: string[] = []
  const propagator = composePropagator(['jaeger', 'baggage', 'toString'], warning => { warnings.push(warning) })
  t.strictSame(propagator?.fields(), ['baggage'])
  t.strictSame(warnings, [
    'environment variable OTEL_PROPAGATORS: "jaeger" is ignored; use tracecontext, baggage, b3, b3multi or none',
    'environment variable OTEL_PROPAGATORS: "toString" is ignored; use tracecontext, baggage, b3, b3multi or none'
  ])
  t.equal(composePropagator(['jaeger'], () => {}), undefined)
})

t.test('a name said twice counts once', async t => {
  t.strictSame(composePropagator(['baggage', 'baggage'], refuse)?.fields(), ['baggage'])
})

const propagator = composePropagator(['tracecontext', 'baggage', 'b3'], refuse)!
const extract = (headers: Record<string, unknown>): Context => propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
const baggageOf = (header: unknown): Record<string, string> =>
  Object.fromEntries(propagation.getBaggage(extract({ baggage: header }))?.getAllEntries().map(([name, { value }]) => [name, value]) ?? [])

t.test('baggage: what is malformed is left out, and the limits hold', async t => {
  t.strictSame(baggageOf('a=1,=2,b,c=%zz,d=%20x%20;meta=1, e = 5 '), { a: '1', d: ' x ', e: '5' })
  t.strictSame(baggageOf(''), {})
  t.strictSame(baggageOf(',;=,'), {})
  t.strictSame(baggageOf('__proto__=1,a=2'), { a: '2' })
  t.equal(Object.keys(baggageOf(Array.from({ length: 200 }, (_, n) => `k${n}=v`).join(','))).length, 180)
  t.strictSame(baggageOf(`a=${'x'.repeat(4_095)},b=1`), { b: '1' })
  t.ok(JSON.stringify(baggageOf(Array.from({ length: 20 }, (_, n) => `k${n}=${'x'.repeat(1_000)}`).join(','))).length < 8_500)
})

t.test('baggage comes out as it went in', async t => {
  fc.assert(fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/), fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), { maxKeys: 20, noNullPrototype: true }), entries => {
    Reflect.deleteProperty(entries, '__proto__')
    const baggage = propagation.createBaggage(Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, { value }])))
    const headers: Record<string, string> = {}
    propagator.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), headers, defaultTextMapSetter)
    t.strictSame(baggageOf(headers['baggage']), entries, { silent: true })
  }), { numRuns: 200 })
})

t.test('nothing that a client sends makes it throw', async t => {
  const header = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string()), fc.stringMatching(/^[a-z0-9%=;, -]*$/)), { nil: undefined })
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('traceparent', 'tracestate', 'baggage', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'), header), headers => {
    extract(headers)
  }), { numRuns: 2_000 })
  t.pass()
})
