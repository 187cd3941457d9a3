import type { BenchCase } from '../cases.ts'
import { p99, throughput } from '../report/figures.ts'
import { comparePairs, ratio, spreadOf } from '../report/statistics.ts'
import { withRange } from '../report/table.ts'
import { Sink } from '../sink/sink.ts'
import type { Workload } from '../workloads/workload.ts'
import { measurePairs, measureStart, type MeasureOptions } from './measure.ts'
import type { Pairing, Results, SpanCost, StartPair } from './measurement.ts'
import { measureMethodCost, type MethodCost } from './method-cost.ts'
import { measureSpanCost } from './span-cost.ts'

/** What is measured: each workload with its cases. */
export type Plan = ReadonlyArray<{ readonly workload: Workload, readonly cases: readonly BenchCase[] }>

export interface RoundOptions {
  /** Pairs of bursts of each case with each workload. */
  readonly rounds: number
  /** Length of a burst. */
  readonly seconds: number
  readonly processorsAwake: boolean
  /** Told after each measurement. */
  readonly onProgress: (line: string) => void
}

/** Cases whose latency at half of bare's peak is compared, with GET. */
const LATENCY_CASES = ['fast', 'sdk', 'fast-unsampled']
const SPAN_COST_CASES = ['fast', 'sdk']

/** Two processes of the same case differ too, so that not all pairs come from the same two. */
const PAIRS_A_PROCESS = 5
/** A pass starts each case this often just to see it start. */
const STARTS_A_PASS = 2
const SPAN_COSTS_A_PASS = 2

/** All cases in turn, in processes of their own, then all again with others, until there are as many pairs as wanted. */
export async function runRounds (plan: Plan, { rounds, seconds, processorsAwake, onProgress }: RoundOptions): Promise<Results> {
  const sink = await Sink.listen()
  const pairings: Pairing[] = []
  const starts: StartPair[] = []
  const spanCosts: SpanCost[] = []
  const methodCosts: MethodCost[] = []
  const failures: string[] = []
  /** A case that fails takes none of the others with it. */
  const attempt = async (what: string, run: () => Promise<void>): Promise<void> => {
    await run().catch((error: unknown) => {
      failures.push(`${what}: ${(error as Error).message}`)
      onProgress(`${what} failed: ${String(error)}`)
    })
  }
  const measure = async (what: string, benchCase: BenchCase, workload: Workload, options: MeasureOptions): Promise<void> => {
    await attempt(what, async () => {
      const pairing = await measurePairs(benchCase, workload, options)
      pairings.push(pairing)
      starts.push({ case: benchCase.name, bare: pairing.bare.figures, own: pairing.own.figures })
      onProgress(progressOf(what, pairing))
    })
  }
  try {
    for (let pass = 0; pass * PAIRS_A_PROCESS < rounds; pass++) {
      const pairs = Math.min(PAIRS_A_PROCESS, rounds - pass * PAIRS_A_PROCESS)
      const options = { sink, pairs, seconds, warmUpSeconds: rounds === 1 ? seconds : 2 * seconds, bareFirst: pass % 2 === 0 }
      for (const { workload, cases } of plan) {
        for (const benchCase of cases) {
          await measure(`${benchCase.name} with ${workload.name}`, benchCase, workload, { ...options, pace: 'full' })
        }
        if (workload.name !== 'get') continue
        const of = (names: readonly string[]): readonly BenchCase[] => cases.filter(({ name }) => names.includes(name))
        for (const benchCase of of(LATENCY_CASES)) {
          await measure(`${benchCase.name} at half load`, benchCase, workload, { ...options, pace: 'half' })
        }
        for (let time = 0; time < STARTS_A_PASS; time++) {
          for (const benchCase of cases) {
            await attempt(`a start of ${benchCase.name}`, async () => {
              starts.push(await measureStart(benchCase, workload, { sink, bareFirst: time % 2 === 0 }))
            })
          }
        }
        for (let time = 0; time < SPAN_COSTS_A_PASS; time++) {
          for (const benchCase of of(SPAN_COST_CASES)) {
            await attempt(`spans of ${benchCase.name} in a loop`, async () => { spanCosts.push(await measureSpanCost(benchCase, sink)) })
            await attempt(`methods of ${benchCase.name} in a loop`, async () => { methodCosts.push(await measureMethodCost(benchCase, sink)) })
          }
        }
      }
    }
  } finally {
    await sink.close()
  }
  return { rounds, seconds, processorsAwake, pairings, starts, spanCosts, methodCosts, failures }
}

function progressOf (what: string, pairing: Pairing): string {
  const { own: { figures: { requests, account } }, arrivals } = pairing
  const [name, figure] = pairing.pace === 'full' ? ['throughput', throughput] as const : ['p99', p99] as const
  return `${what}: ${name} times bare ${withRange(spreadOf(comparePairs(pairing, figure, ratio)), 2)}, ` +
    `${requests} requests, ${arrivals.roots} traces${account === undefined ? '' : ` of ${account.exported} sent`}`
}
