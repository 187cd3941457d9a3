import type { BenchRequest } from '../workloads/workload.ts'

export interface LoadResult {
  /** Answered, a second. */
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  /** Milliseconds. */
  readonly p99: number
  /** Answers with another status than expected, and requests that got none. */
  readonly wrong: number
}

export interface LoadOptions {
  readonly url: string
  readonly requests: readonly BenchRequest[]
  readonly seconds: number
}

/** Connections that are kept open, each with a request under way. */
export const CONNECTIONS = 64
