import { CASES } from '../cases.ts'
import type { MethodCost } from '../measure/method-cost.ts'
import { spreadOf } from './statistics.ts'
import { table, withRange } from './table.ts'

/** Microseconds a call, over the bare call, that `traceMethod` may take. */
export const RECORDED_MAX = 4
export const UNRECORDED_MAX = 0.3

type Figure = 'recorded' | 'unrecorded'

export function medianMethodCost (costs: readonly MethodCost[], figure: Figure): number | undefined {
  return spreadOf(costs.filter(cost => cost.case === 'fast').map(cost => cost[figure]))?.median
}

export function methodCostTable (costs: readonly MethodCost[]): string {
  return table(['Case', 'recorded, µs a call', 'not sampled, µs a call'], CASES.flatMap(({ name, title }) => {
    const [recorded, unrecorded] = (['recorded', 'unrecorded'] as const).map(figure => spreadOf(costs.filter(cost => cost.case === name).map(cost => cost[figure])))
    return recorded === undefined || unrecorded === undefined ? [] : [[title, withRange(recorded, 2), withRange(unrecorded, 2)]]
  }))
}

/** Spans of traced methods that are missing at the sink, or too many. */
export function missingMethodSpans (costs: readonly MethodCost[]): number {
  return costs.reduce((sum, { missing }) => sum + Math.abs(missing), 0)
}
