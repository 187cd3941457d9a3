import type { TimeInput } from '@opentelemetry/api'
import t from 'tap'
import { FastTracerProvider } from '../../lib/recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../../lib/recorder/span-limits.ts'
import { AnchoredWallClock, hrTimeOfInput } from '../../lib/recorder/span-time.ts'
import { scopeSpans } from './otlp-messages.ts'

const INVALID = [
  NaN, Infinity, -Infinity, -1e15, 1.7e18, new Date(NaN), new Date(-1), [NaN, NaN], [-1, 0], [1, -1], [1.5, 0], [Infinity, 0], [1, NaN], [1, 5e9], [2 ** 35, 0],
  'a text', null, {}, [], [1]
] as unknown as TimeInput[]

t.test('a time that cannot be said is now: of spans and of events', async t => {
  for (const time of INVALID) {
    const chunks: Uint8Array[] = []
    const provider = new FastTracerProvider({
      sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 10_000, sink: { take ({ scope, spans }) { chunks.push(Buffer.concat([scope, spans])) } }
    })
    const before = BigInt(Date.now() - 100) * 1_000_000n
    provider.getTracer('a').startSpan('span', { startTime: time }).addEvent('event', {}, time).end(time)
    provider.handOver()
    const after = BigInt(Date.now() + 100) * 1_000_000n
    const [span] = scopeSpans(Buffer.concat(chunks)).spans
    const times = [span?.['startTimeUnixNano'], span?.['events'][0].timeUnixNano, span?.['endTimeUnixNano']].map(BigInt)
    for (const found of times) t.ok(found >= before && found <= after, `${String(time)}: ${found}`)
    t.equal(provider.counts.invalid, 0)
  }
})

t.test('a time that can be said stays as it is', async t => {
  const clock = new AnchoredWallClock()
  t.strictSame(hrTimeOfInput([0, 0], clock), [0, 0])
  t.strictSame(hrTimeOfInput([18_446_744_072, 999_999_999], clock), [18_446_744_072, 999_999_999])
  t.strictSame(hrTimeOfInput(new Date(1_700_000_000_123), clock), [1_700_000_000, 123_000_000])
  t.strictSame(hrTimeOfInput(1_700_000_000_123, clock), [1_700_000_000, 123_000_000])
  const [seconds, nanoseconds] = hrTimeOfInput(5, clock)
  t.ok(Math.abs(seconds * 1e3 + nanoseconds / 1e6 - performance.timeOrigin - 5) < 1, 'small numbers are of performance.now()')
})
