import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { spansOfRequest, type DecodedSpan } from './otlp-messages.ts'
import { program, REMOTE, run, withFastEngine, type Program } from './span-programs.ts'

/** Both engines do what one program says; what they send is compared, ids and clocks aside. */
function withSdk (program: Program): DecodedSpan[] {
  const ended: ReadableSpan[] = []
  const provider = new TracerProvider({
    spanLimits: program.limits,
    spanProcessors: [{ onStart () {}, onEnd (span) { ended.push(span) }, async forceFlush () {}, async shutdown () {} }]
  })
  run(provider.getTracer('scope', '1.0', { schemaUrl: 'https://example.com/schema' }), program)
  return ended.length === 0 ? [] : spansOfRequest(ProtobufTraceSerializer.serializeRequest(ended) as Uint8Array)
}

/** The order of attributes means nothing; an object puts keys that look like numbers first. */
function sorted (attributes: Array<{ key: string }>): Array<{ key: string }> {
  return attributes.toSorted((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

/** Ids are numbered in the order in which they appear, times only said to be there or given. */
function comparable (spans: DecodedSpan[], { spans: given }: Program): unknown[] {
  const numbers = new Map<string, number>()
  const number = (id: string): number | string => {
    if (id === '' || id === REMOTE.traceId || id === REMOTE.spanId) return id
    if (!numbers.has(id)) numbers.set(id, numbers.size)
    return numbers.get(id) as number
  }
  return spans.map((span, index) => {
    const { startTime, endTime } = given[index] ?? {}
    return {
      ...span,
      attributes: sorted(span['attributes']),
      traceId: number(span['traceId']),
      spanId: number(span['spanId']),
      parentSpanId: number(span['parentSpanId']),
      startTimeUnixNano: startTime === undefined ? BigInt(span['startTimeUnixNano']) > 0n : span['startTimeUnixNano'],
      endTimeUnixNano: startTime === undefined || endTime === undefined ? BigInt(span['endTimeUnixNano']) > 0n : span['endTimeUnixNano'],
      events: span['events'].map((event: any) => ({ ...event, timeUnixNano: event.name === 'timed' ? event.timeUnixNano : BigInt(event.timeUnixNano) > 0n }))
    }
  })
}

t.test('random programs send the same through both engines', { timeout: 120_000 }, async t => {
  t.doesNotThrow(() => {
    fc.assert(fc.property(program, given => {
      deepStrictEqual(comparable(withFastEngine(given), given), comparable(withSdk(given), given))
    }), { numRuns: Number(process.env['LETTA_OTEL_PROGRAMS'] ?? 3_000) })
  })
})
