import type { Attributes, Span } from '@opentelemetry/api'
import type { Histogram } from '@opentelemetry/sdk-metrics'
import { BucketExemplars, type Exemplar, type ExemplarIds } from './bucket-exemplars.ts'

/** What one attribute set of a histogram has accumulated. */
export class HistogramSeries {
  readonly attributes: Attributes
  /** Milliseconds since the epoch of the first recording; undefined before it. */
  startTime: number | undefined
  readonly #boundaries: number[]
  readonly #counts: number[]
  readonly #exemplarIds: ExemplarIds
  #count = 0
  #sum = 0
  #min = Infinity
  #max = -Infinity
  /** Made with the first exemplar: where nothing is sampled, none are needed. */
  #exemplars: BucketExemplars | undefined

  /** @param boundaries upper edges of the buckets, themselves within, in ascending order */
  constructor (attributes: Attributes, boundaries: number[], exemplarIds: ExemplarIds) {
    this.attributes = attributes
    this.#exemplarIds = exemplarIds
    this.#boundaries = boundaries
    this.#counts = new Array<number>(boundaries.length + 1).fill(0)
  }

  /**
   * @param value is ignored when it is negative or not a number, as in the SDK
   * @param span in which it was measured; the latest of each bucket, among those that the filter lets through, becomes its exemplar
   * @param time milliseconds since the epoch
   */
  record (value: number, span: Span, time: number): void {
    if (value < 0) return
    this.startTime ??= time
    if (Number.isNaN(value)) return
    const bucket = this.#bucketOf(value)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count++
    this.#sum += value
    this.#min = Math.min(value, this.#min)
    this.#max = Math.max(value, this.#max)
    const ids = this.#exemplarIds(span)
    if (ids === undefined) return
    this.#exemplars ??= new BucketExemplars(this.#counts.length)
    this.#exemplars.keep(bucket, ids, value, time)
  }

  /** From below: most requests are quick. */
  #bucketOf (value: number): number {
    const boundaries = this.#boundaries
    let bucket = 0
    while (bucket < boundaries.length && value > (boundaries[bucket] as number)) bucket++
    return bucket
  }

  /** A copy of what has been recorded so far. */
  get value (): Histogram {
    const recorded = this.#count > 0
    return {
      count: this.#count,
      sum: this.#sum,
      ...(recorded && { min: this.#min, max: this.#max }),
      buckets: { boundaries: this.#boundaries, counts: this.#counts.slice() }
    }
  }

  takeExemplars (): Exemplar[] {
    return this.#exemplars?.take() ?? []
  }
}
