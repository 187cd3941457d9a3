import type { LoadResult } from '../load/load.ts'
import type { ServerFigures } from '../server-process.ts'
import type { Arrivals } from '../sink/sink.ts'
import type { MethodCost } from './method-cost.ts'

/** One case with one workload in one round. */
export interface Measurement {
  readonly round: number
  readonly workload: string
  readonly case: string
  /** A closed loop at full speed, or paced at half of what bare Fastify reached in the same round. */
  readonly pace: 'full' | 'half'
  readonly load: LoadResult
  readonly figures: ServerFigures
  readonly arrivals: Arrivals
}

/** What a span costs in a loop, in one round. */
export interface SpanCost {
  readonly case: string
  readonly microseconds: number
  /** Spans made that did not arrive. */
  readonly missing: number
}

export interface Results {
  readonly rounds: number
  readonly seconds: number
  /** Processors were kept from sleeping. */
  readonly processorsAwake: boolean
  readonly measurements: readonly Measurement[]
  readonly spanCosts: readonly SpanCost[]
  /** Nothing where methods were not measured. */
  readonly methodCosts?: readonly MethodCost[]
  /** Runs that ended without figures, and why. */
  readonly failures: readonly string[]
}
