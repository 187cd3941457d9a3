import type { Attributes } from '@opentelemetry/api'
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { checkedAttributes } from '../../lib/recorder/checked-attributes.ts'
import { FastTracerProvider } from '../../lib/recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../../lib/recorder/span-limits.ts'
import { plainAttributes } from '../export/otlp-messages.ts'
import { scopeSpans, type DecodedSpan } from './otlp-messages.ts'

/** `levels` of objects or arrays in each other. */
function nested (levels: number, wrap: (value: unknown) => unknown): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = wrap(value)
  return value
}

/** Values at which the SDK's check throws. */
const UNCHECKABLE = {
  'objects 5,000 deep': nested(5_000, value => ({ a: value })),
  'arrays 5,000 deep': nested(5_000, value => [value]),
  'objects 100,000 deep': nested(100_000, value => ({ a: value })),
  'a value that cannot be read': { get a () { throw new Error('unreadable') } }
}

/** Fills the stack, so that a value nested 5,000 deep is too much for what is left of any machine's. */
function deepInTheStack<Result> (work: () => Result, calls = 2_000): Result {
  return calls === 0 ? work() : deepInTheStack(work, calls - 1)
}

function recorded (record: (provider: FastTracerProvider) => void, sampler?: Sampler): DecodedSpan {
  const chunks: Uint8Array[] = []
  const provider = new FastTracerProvider({
    sampler, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 10_000, sink: { take ({ scope, spans }) { chunks.push(Buffer.concat([scope, spans])) } }
  })
  deepInTheStack(() => { record(provider) })
  provider.handOver()
  return scopeSpans(Buffer.concat(chunks)).spans[0] as DecodedSpan
}

for (const [name, value] of Object.entries(UNCHECKABLE)) {
  const attributes = { before: 1, value, after: { a: [2] } } as unknown as Attributes
  const left = { before: 1, after: { a: [2] } }

  t.test(`${name}: dropped and counted, and nothing is thrown`, async t => {
    const span = recorded(provider => {
      const context = provider.getTracer('other').startSpan('linked').spanContext()
      const span = provider.getTracer('a').startSpan('span', { attributes, links: [{ context, attributes }] })
      span.setAttribute('value', value as never)
      span.setAttributes(attributes)
      span.addLink({ context, attributes })
      span.addEvent('event', attributes)
      span.end()
    })
    t.strictSame(plainAttributes(span['attributes']), left)
    t.equal(span['droppedAttributesCount'], 3)
    t.equal(span['links'].length, 2)
    for (const link of span['links']) {
      t.strictSame(plainAttributes(link.attributes), left)
      t.equal(link.droppedAttributesCount, 1)
    }
    t.strictSame(plainAttributes(span['events'][0].attributes), { before: 1 }, 'events have plain values alone')
    t.equal(span['events'][0].droppedAttributesCount, 2)
  })

  t.test(`${name}: a sampler is asked without it`, async t => {
    const asked: Attributes[] = []
    const sampler: Sampler = {
      shouldSample (...[, , , , given]) {
        asked.push(given)
        return { decision: SamplingDecision.RECORD_AND_SAMPLED }
      }
    }
    recorded(provider => { provider.getTracer('a').startSpan('span', { attributes }).end() }, sampler)
    t.strictSame(asked, [left])
  })
}

t.test('limits hold where a value cannot be checked', async t => {
  const given = { a: 'long', bad: UNCHECKABLE['a value that cannot be read'], b: 'longer', c: 1 } as unknown as Attributes
  t.strictSame(checkedAttributes(given, { attributeCountLimit: 2, attributeValueLengthLimit: 3 }), { attributes: { a: 'lon', b: 'lon' }, dropped: 2 })
  t.strictSame(checkedAttributes(undefined, { attributeCountLimit: 2, attributeValueLengthLimit: 3 }), { attributes: {}, dropped: 0 })
})
