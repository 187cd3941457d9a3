import type { BenchCase } from '../cases.ts'
import { Sink } from '../sink/sink.ts'
import type { Workload } from '../workloads/workload.ts'
import { measure } from './measure.ts'
import type { Measurement, Results, SpanCost } from './measurement.ts'
import { measureMethodCost, type MethodCost } from './method-cost.ts'
import { measureSpanCost } from './span-cost.ts'

/** What is measured: each workload with its cases, bare Fastify first. */
export type Plan = ReadonlyArray<{ readonly workload: Workload, readonly cases: readonly BenchCase[] }>

export interface RoundOptions {
  readonly rounds: number
  readonly seconds: number
  readonly processorsAwake: boolean
  /** Told after each measurement. */
  readonly onProgress: (line: string) => void
}

/** Cases whose latency at half of bare's peak is compared, with GET. */
const LATENCY_CASES = ['bare', 'fast', 'sdk', 'fast-unsampled']
const SPAN_COST_CASES = ['fast', 'sdk']

/** All cases in turn, then all again: what changes on the machine meets all of them alike. */
export async function runRounds (plan: Plan, { rounds, seconds, processorsAwake, onProgress }: RoundOptions): Promise<Results> {
  const sink = await Sink.listen()
  const measurements: Measurement[] = []
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
  const add = (one: Measurement): void => {
    measurements.push(one)
    onProgress(`round ${one.round} ${one.workload} ${one.case}${one.pace === 'half' ? ' at half' : ''}: ${Math.round(one.load.requestsPerSecond)} requests/s, ` +
      `p99 ${one.load.p99.toFixed(1)} ms, ${one.figures.requests} requests, ${one.arrivals.roots} traces${one.figures.account === undefined ? '' : ` of ${one.figures.account.exported} sent`}`)
  }
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const { workload, cases } of plan) {
        for (const benchCase of cases) {
          await attempt(`${benchCase.name} with ${workload.name}`, async () => { add(await measure(benchCase, workload, { sink, round, seconds })) })
        }
        if (workload.name !== 'get') continue
        const rate = peakOfBare(measurements, round) / 2
        for (const benchCase of cases.filter(({ name }) => LATENCY_CASES.includes(name))) {
          await attempt(`${benchCase.name} at half load`, async () => { add(await measure(benchCase, workload, { sink, round, seconds, rate })) })
        }
        for (const benchCase of cases.filter(({ name }) => SPAN_COST_CASES.includes(name))) {
          await attempt(`spans of ${benchCase.name} in a loop`, async () => { spanCosts.push(await measureSpanCost(benchCase, sink)) })
          await attempt(`methods of ${benchCase.name} in a loop`, async () => { methodCosts.push(await measureMethodCost(benchCase, sink)) })
        }
      }
    }
  } finally {
    await sink.close()
  }
  return { rounds, seconds, processorsAwake, measurements, spanCosts, methodCosts, failures }
}

function peakOfBare (measurements: readonly Measurement[], round: number): number {
  const bare = measurements.find(one => one.round === round && one.workload === 'get' && one.case === 'bare')
  if (bare === undefined) throw new Error('bare Fastify was not measured in this round')
  return bare.load.requestsPerSecond
}
