/** Latencies of one window of load, in milliseconds. */
export type Window = readonly number[]

/** How the slowest requests of one kind of window compare with those of another. */
export interface Comparison {
  /** Medians of the windows' 99th percentiles, in milliseconds. */
  readonly before: number
  readonly after: number
  readonly ratio: number
  /** Within these, 95 of 100 ratios fall when windows are drawn again from those that were measured. */
  readonly low: number
  readonly high: number
}

const DRAWS = 2_000

/**
 * A single stall of the machine spoils one window and not the median of many. What is left of chance is told by drawing
 * windows again, with repetition (bootstrap).
 */
export function compareTails (before: readonly Window[], after: readonly Window[]): Comparison {
  const [tailsBefore, tailsAfter] = [before.map(p99), after.map(p99)]
  const ratios = Array.from({ length: DRAWS }, () => median(drawn(tailsAfter)) / median(drawn(tailsBefore))).sort((a, b) => a - b)
  return {
    before: median(tailsBefore),
    after: median(tailsAfter),
    ratio: median(tailsAfter) / median(tailsBefore),
    low: ratios[Math.floor(DRAWS * 0.025)] ?? NaN,
    high: ratios[Math.floor(DRAWS * 0.975)] ?? NaN
  }
}

function p99 (window: Window): number {
  return window.toSorted((a, b) => a - b)[Math.floor(window.length * 0.99)] ?? NaN
}

function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

function drawn (values: readonly number[]): number[] {
  return values.map(() => values[Math.floor(Math.random() * values.length)] ?? NaN)
}
