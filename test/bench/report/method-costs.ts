import { CASES } from '../cases.ts'
import type { MethodCost } from '../measure/method-cost.ts'
import { spreadOf, type Spread } from './statistics.ts'
import { table, withRange } from './table.ts'

/** Microseconds a call, over the bare call, that `traceMethod` may take. */
export const RECORDED_MAX = 4
export const UNRECORDED_MAX = 0.3

const FIGURES = ['recorded', 'unrecorded'] as const
type Figure = typeof FIGURES[number]

/** Of the engine that has to reach the targets, unless another case is named. */
export function methodCostSpread (costs: readonly MethodCost[], figure: Figure, name = 'fast'): Spread | undefined {
  return spreadOf(costs.filter(cost => cost.case === name).map(cost => cost[figure]))
}

export function methodCostTable (costs: readonly MethodCost[]): string {
  return table(['Case', 'recorded, µs a call', 'not sampled, µs a call'], CASES.flatMap(({ name, title }) => {
    const [recorded, unrecorded] = FIGURES.map(figure => methodCostSpread(costs, figure, name))
    return recorded === undefined ? [] : [[title, withRange(recorded, 2), withRange(unrecorded, 2)]]
  }))
}

/** Spans of traced methods that are missing at the sink, or too many. */
export function missingMethodSpans (costs: readonly MethodCost[]): number {
  return costs.reduce((sum, { missing }) => sum + Math.abs(missing), 0)
}
