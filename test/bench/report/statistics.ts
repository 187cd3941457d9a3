import type { Measurement, Results } from '../measure/measurement.ts'

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Nothing of nothing. */
export function spreadOf (values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, least: sorted[0]!, most: sorted.at(-1)! }
}

/** Which measurements, by case, workload and pace. */
export interface Selection {
  readonly case: string
  readonly workload: string
  readonly pace?: Measurement['pace']
}

export function select ({ measurements }: Results, { case: name, workload, pace = 'full' }: Selection): Measurement[] {
  return measurements.filter(one => one.case === name && one.workload === workload && one.pace === pace)
}

export function figureOf (results: Results, selection: Selection, figure: (one: Measurement) => number): Spread | undefined {
  return spreadOf(select(results, selection).map(figure))
}

/** Compares a case with another one round by round: only what was measured in the same round met the same machine. */
export function compare (
  results: Results, selection: Selection, other: string, figure: (one: Measurement) => number, by: (value: number, other: number) => number
): Spread | undefined {
  const others = select(results, { ...selection, case: other })
  return spreadOf(select(results, selection).flatMap(one => {
    const counterpart = others.find(({ round }) => round === one.round)
    return counterpart === undefined ? [] : [by(figure(one), figure(counterpart))]
  }))
}

export const ratio = (value: number, other: number): number => value / other
export const difference = (value: number, other: number): number => value - other
