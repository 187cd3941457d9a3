/** Where a span's parent was: none, in this process, or in another one. */
export type ParentOrigin = 0 | 1 | 2
/** What became of a span's sampling: neither recorded nor sampled, recorded only, or both. */
export type SamplingResult = 0 | 1 | 2

/** Counts the spans of one provider. Only additions: whoever wants to know puts them together. */
export class SpanCounts {
  /** By origin × 3 + result. */
  readonly started: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  /** Those that were recorded, by result. */
  readonly ended: [number, number, number] = [0, 0, 0]
  /** Sampled spans that could not be encoded. */
  invalid = 0

  start (origin: ParentOrigin, recorded: boolean, sampled: boolean): void {
    this.started[origin * 3 + (sampled ? 2 : recorded ? 1 : 0)]!++
  }

  end (sampled: boolean): void {
    this.ended[sampled ? 2 : 1]++
  }

  /** Recorded spans that have not ended. */
  live (result: SamplingResult): number {
    return this.started[result]! + this.started[result + 3]! + this.started[result + 6]! - this.ended[result]
  }
}
