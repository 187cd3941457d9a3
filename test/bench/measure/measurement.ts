import type { LoadResult } from '../load/load.ts'
import type { ServerFigures } from '../server-process.ts'
import type { Arrivals } from '../sink/sink.ts'
import type { MethodCost } from './method-cost.ts'

/** One short load of one server. */
export interface Burst {
  readonly load: LoadResult
  /** All threads of the server, while it was loaded, over the requests that reached it. */
  readonly cpuMicrosecondsPerRequest: number
}

/** One of the two servers of a pairing. */
export interface Side {
  /** In order: bursts of the same index, one of each side, are a pair. */
  readonly bursts: readonly Burst[]
  readonly figures: ServerFigures
  /** Of the warm-up and of all bursts: answers with another status than expected, and requests that got none. */
  readonly wrong: number
}

/** A closed loop at full speed, or paced at half of what bare Fastify reached just before. */
export type Pace = 'full' | 'half'

/** One process of a case and one of bare Fastify, which were loaded in turn with the same workload. */
export interface Pairing {
  readonly workload: string
  readonly case: string
  readonly pace: Pace
  readonly bare: Side
  readonly own: Side
  /** From both, of which bare Fastify sends nothing. */
  readonly arrivals: Arrivals
}

/** A start of a case next to one of bare Fastify. */
export interface StartPair {
  readonly case: string
  readonly bare: ServerFigures
  readonly own: ServerFigures
}

/** What a span costs in a loop. */
export interface SpanCost {
  readonly case: string
  readonly microseconds: number
  /** Spans made that did not arrive. */
  readonly missing: number
}

export interface Results {
  /** Pairs of bursts of each case with each workload. */
  readonly rounds: number
  /** Length of a burst. */
  readonly seconds: number
  /** Processors were kept from sleeping. */
  readonly processorsAwake: boolean
  readonly pairings: readonly Pairing[]
  readonly starts: readonly StartPair[]
  readonly spanCosts: readonly SpanCost[]
  /** Nothing where methods were not measured. */
  readonly methodCosts?: readonly MethodCost[]
  /** Runs that ended without figures, and why. */
  readonly failures: readonly string[]
}
