import {
  ROOT_CONTEXT, SpanKind, TraceFlags, createTraceState, trace,
  type Attributes, type Context, type Link, type Span, type SpanContext, type TimeInput, type Tracer
} from '@opentelemetry/api'
import fc from 'fast-check'
import { FastTracerProvider } from '../../lib/recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS, type SpanLimits } from '../../lib/recorder/span-limits.ts'
import { fixedAttributes } from '../../lib/vocabulary/fixed-attributes.ts'
import { scopeSpans, type DecodedSpan } from './otlp-messages.ts'

/** Calls of the API in an order that nobody would think of. */
export interface Program {
  readonly spans: ReadonlyArray<{
    readonly name: string
    readonly kind: SpanKind
    readonly parent: number
    readonly attributes: Attributes | undefined
    readonly links: Link[] | undefined
    readonly root: boolean
    readonly startTime: TimeInput | undefined
    readonly endTime: TimeInput | undefined
    readonly calls: readonly Call[]
  }>
  readonly limits: SpanLimits
}

type Call = (span: Span) => void

/** A parent in another process, as it is given to some spans. */
export const REMOTE: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: createTraceState('vendor=1,other=2')
}

/** Does what a program says. */
export function run (tracer: Tracer, { spans }: Program): void {
  const started: Span[] = []
  const contexts: Context[] = [ROOT_CONTEXT, trace.setSpanContext(ROOT_CONTEXT, REMOTE)]
  for (const { name, kind, parent, attributes, links, root, startTime, calls } of spans) {
    const span = tracer.startSpan(name, {
      kind, root, ...(attributes && { attributes }), ...(links && { links }), ...(startTime !== undefined && { startTime })
    }, contexts[parent % contexts.length])
    contexts.push(trace.setSpan(ROOT_CONTEXT, span))
    for (const call of calls) call(span)
    started.push(span)
  }
  started.forEach((span, index) => {
    span.end(spans[index]?.endTime)
    span.setAttribute('after', 'the end')
    span.updateName('after the end')
    span.end()
  })
}

/** What the fast engine sends of it. */
export function withFastEngine (program: Program): DecodedSpan[] {
  const chunks: Uint8Array[] = []
  const provider = new FastTracerProvider({
    sampler: undefined,
    limits: program.limits,
    maxAgeMs: 10_000,
    sink: { take ({ scope, spans }) { chunks.push(Buffer.concat([scope, spans])) } }
  })
  run(provider.getTracer('scope', '1.0', { schemaUrl: 'https://example.com/schema' }), program)
  provider.handOver()
  return chunks.flatMap(chunk => scopeSpans(chunk).spans)
}

const key = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('a', 'b', 'http.route', 'ключ', 'k'.repeat(200)) }, fc.string({ maxLength: 8 }))
const primitive = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'binary', minLength: 100, maxLength: 300 }), fc.constantFrom('x'.repeat(20_000), '\ud800', '😀'.repeat(40)),
  fc.integer(), fc.double(), fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 63, -(2 ** 63), 2 ** 70, -1, -0, NaN, Infinity), fc.boolean())
const anyValue: fc.Arbitrary<any> = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'small' }, primitive, fc.constant(null), fc.constant(undefined), fc.uint8Array({ maxLength: 200 }),
    fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 3 }),
    fc.constantFrom(Symbol('s'), () => 1, 5n, new Date(), /x/, new Map()))
})).value
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(key, anyValue, { maxKeys: 6, noNullPrototype: true })
const time = fc.constantFrom<TimeInput>([1_700_000_000, 5], [1_700_000_001, 999_999_999], 1_700_000_000_123, new Date(1_700_000_002_000))
const link: fc.Arbitrary<Link> = fc.record({ context: fc.constant(REMOTE), attributes }, { requiredKeys: ['context'] }) as fc.Arbitrary<Link>
const error = Object.assign(new TypeError('broken'), { stack: 'TypeError: broken\n    at nowhere' })
/** The same objects in all programs, as a route has the same for all its requests; some have keys of others. */
const FIXED = [{ a: 'fixed', b: 2 }, { 'http.route': '/v1/agents/:agent_id', ключ: true }, { b: 'x'.repeat(300), c: 0.5 }, { '': 'no key' }, {}]
  .map(values => fixedAttributes(values))

export const call: fc.Arbitrary<Call> = fc.oneof(
  fc.constantFrom(...FIXED).map((fixed): Call => span => { span.setAttributes(fixed) }),
  fc.tuple(key, anyValue).map(([name, value]): Call => span => { span.setAttribute(name, value) }),
  attributes.map((given): Call => span => { span.setAttributes(given) }),
  fc.tuple(fc.string({ maxLength: 10 }), attributes).map(([name, given]): Call => span => { span.addEvent(name, given) }),
  time.map((at): Call => span => { span.addEvent('timed', at) }),
  fc.tuple(attributes, time).map(([given, at]): Call => span => { span.addEvent('timed', given, at) }),
  link.map((given): Call => span => { span.addLink(given) }),
  fc.array(link, { maxLength: 3 }).map((given): Call => span => { span.addLinks(given) }),
  fc.tuple(fc.constantFrom(0, 1, 2), fc.option(fc.string({ maxLength: 20 }), { nil: undefined })).map(([code, message]): Call => span => { span.setStatus(message === undefined ? { code } : { code, message }) }),
  fc.string({ minLength: 1, maxLength: 40 }).map((name): Call => span => { span.updateName(name) }),
  fc.constantFrom<any>(error, 'text', Object.assign(new Error('coded'), { code: 'E_CODE', stack: '' }), { name: 'Named' }, { message: 'said' }, {}).map((exception): Call => span => { span.recordException(exception) }))
const limit = fc.constantFrom(128, 0, 1, 2, 3)
export const limits: fc.Arbitrary<SpanLimits> = fc.oneof({ weight: 3, arbitrary: fc.constant(DEFAULT_SPAN_LIMITS) }, fc.record({
  attributeCountLimit: limit,
  attributeValueLengthLimit: fc.constantFrom(Infinity, 1, 5, 100),
  eventCountLimit: limit,
  linkCountLimit: limit,
  attributePerEventCountLimit: limit,
  attributePerLinkCountLimit: limit
}))
export const span = fc.record({
  name: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER),
  parent: fc.nat(),
  attributes: fc.option(attributes, { nil: undefined }),
  links: fc.option(fc.array(link, { maxLength: 3 }), { nil: undefined }),
  root: fc.boolean(),
  startTime: fc.option(time, { nil: undefined }),
  endTime: fc.option(time, { nil: undefined }),
  calls: fc.array(call, { maxLength: 8 })
})
export const program: fc.Arbitrary<Program> = fc.record({ spans: fc.array(span, { maxLength: 5 }), limits })
