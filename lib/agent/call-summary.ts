import type { TokenUsage } from './usage.ts'

/** What a step wants to know of an LLM call that ended. Times are nanoseconds. */
export interface CallSummary {
  readonly provider: string
  /** Wall clock. */
  readonly startedAt: bigint
  readonly nanoseconds: bigint
  /** From sending the request to the first chunk with content. */
  readonly ttft: bigint | undefined
  readonly usage: TokenUsage
  /** US dollars. */
  readonly cost: number | undefined
}
