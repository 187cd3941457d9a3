import type { Burst, Pace, Pairing, Results, Side, StartPair } from '../measure/measurement.ts'
import type { ServerFigures } from '../server-process.ts'

export interface Spread {
  readonly median: number
  readonly lowerQuartile: number
  readonly upperQuartile: number
  readonly least: number
  readonly most: number
}

/** A quantile between two values is interpolated. */
export function quantile (values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = part * (sorted.length - 1)
  const below = sorted[Math.floor(position)]!
  return below + (sorted[Math.ceil(position)]! - below) * (position % 1)
}

/** Nothing of nothing. */
export function spreadOf (values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  return {
    median: quantile(values, 0.5),
    lowerQuartile: quantile(values, 0.25),
    upperQuartile: quantile(values, 0.75),
    least: Math.min(...values),
    most: Math.max(...values)
  }
}

/** Which pairings, by case, workload and pace. */
export interface Selection {
  readonly case: string
  readonly workload: string
  readonly pace?: Pace
}

type Comparison = (value: number, bare: number) => number

export const ratio: Comparison = (value, bare) => value / bare
export const difference: Comparison = (value, bare) => value - bare

export function select ({ pairings }: Results, { case: name, workload, pace = 'full' }: Selection): Pairing[] {
  return pairings.filter(one => one.case === name && one.workload === workload && one.pace === pace)
}

/** Every process of a case; of bare Fastify those next to all cases. */
export function sidesOf (results: Results, { case: name, workload, pace = 'full' }: Selection): Side[] {
  if (name !== 'bare') return select(results, { case: name, workload, pace }).map(({ own }) => own)
  return results.pairings.filter(one => one.workload === workload && one.pace === pace).map(({ bare }) => bare)
}

export function burstsOf (results: Results, selection: Selection): Burst[] {
  return sidesOf(results, selection).flatMap(({ bursts }) => bursts)
}

/** Compares the bursts of a case with those of bare Fastify pair by pair: only these met the same machine. */
export function compareBursts (results: Results, selection: Selection, figure: (burst: Burst) => number, by: Comparison): Spread | undefined {
  return spreadOf(select(results, selection).flatMap(pairing => comparePairs(pairing, figure, by)))
}

export function comparePairs ({ own, bare }: Pairing, figure: (burst: Burst) => number, by: Comparison): number[] {
  return own.bursts.map((burst, pair) => by(figure(burst), figure(bare.bursts[pair]!)))
}

/** Compares processes that ran next to each other. */
export function compareProcesses (results: Results, selection: Selection, figure: (figures: ServerFigures) => number, by: Comparison): Spread | undefined {
  return spreadOf(select(results, selection).map(({ own, bare }) => by(figure(own.figures), figure(bare.figures))))
}

/** Compares starts that followed each other. */
export function compareStarts ({ starts }: Results, name: string, figure: (figures: ServerFigures) => number, by: Comparison): Spread | undefined {
  return spreadOf(startsOf(starts, name).map(({ own, bare }) => by(figure(own), figure(bare))))
}

export function startsOf (starts: readonly StartPair[], name: string): StartPair[] {
  return starts.filter(one => one.case === name)
}
