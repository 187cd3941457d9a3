import { TraceFlags, isSpanContextValid, type HrTime, type Span } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import type { ExemplarFilter } from '../vocabulary/metrics.ts'
import { FastSpan } from './fast-span.ts'
import { SpanIds } from './span-ids.ts'
import { UnsampledSpan } from './unsampled-span.ts'

/** The ids of what was measured in no span. */
export const NO_IDS = new SpanIds()

/** One measurement behind a point of a histogram, and the span that it was made in. */
export interface Exemplar {
  /** {@link NO_IDS} where there was none. */
  readonly ids: SpanIds
  readonly value: number
  readonly time: HrTime
}

/** The latest measurement of each bucket that the filter lets through: a reservoir aligned with the buckets. */
export class BucketExemplars {
  /** The span's own ids: words, of which no text is ever made. */
  readonly #ids: Array<SpanIds | undefined>
  readonly #values: Float64Array
  readonly #times: Float64Array

  constructor (buckets: number) {
    this.#ids = new Array<SpanIds | undefined>(buckets).fill(undefined)
    this.#values = new Float64Array(buckets)
    this.#times = new Float64Array(buckets)
  }

  /** @param time milliseconds since the epoch */
  keep (bucket: number, ids: SpanIds, value: number, time: number): void {
    this.#ids[bucket] = ids
    this.#values[bucket] = value
    this.#times[bucket] = time
  }

  /**
   * What was kept since the last call. The specification leaves open whether cumulative points keep their exemplars; here
   * they do not, so that an exemplar is always recent and its trace still there to be looked at.
   */
  take (): Exemplar[] {
    const taken: Exemplar[] = []
    for (const [bucket, ids] of this.#ids.entries()) {
      if (ids === undefined) continue
      taken.push({ ids, value: this.#values[bucket] as number, time: millisToHrTime(this.#times[bucket] as number) })
      this.#ids[bucket] = undefined
    }
    return taken
  }
}

/** Gives the ids for an exemplar of what was measured in a span; nothing where it may not become one. */
export type ExemplarIds = (span: Span) => SpanIds | undefined

export const EXEMPLAR_IDS: Readonly<Record<ExemplarFilter, ExemplarIds>> = {
  trace_based: sampledIds,
  always_on: idsOf,
  always_off: () => undefined
}

/** The ids of a span that is sampled; others are no example that anybody could look at. */
function sampledIds (span: Span): SpanIds | undefined {
  if (span instanceof FastSpan) return (span.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : span.ids
  const spanContext = span.spanContext()
  return (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 && isSpanContextValid(spanContext) ? SpanIds.of(spanContext) : undefined
}

function idsOf (span: Span): SpanIds {
  if (span instanceof FastSpan || span instanceof UnsampledSpan) return span.ids
  const spanContext = span.spanContext()
  return isSpanContextValid(spanContext) ? SpanIds.of(spanContext) : NO_IDS
}
