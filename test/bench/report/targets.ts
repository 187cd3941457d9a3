import type { Results } from '../measure/measurement.ts'
import { missingOfOurs, p99, peakMemory, registerTime, throughput } from './figures.ts'
import { RECORDED_MAX, UNRECORDED_MAX, methodCostSpread } from './method-costs.ts'
import { compareBursts, compareProcesses, compareStarts, difference, ratio, spreadOf, type Selection, type Spread } from './statistics.ts'
import { decimals, table, withRange } from './table.ts'

interface Target {
  readonly text: string
  readonly limit: number
  /** Whether the limit is the least or the most that is allowed. */
  readonly bound: 'least' | 'most'
  readonly unit?: string
  readonly digits?: number
  /** The median of a spread decides. Nothing where it was not measured. */
  value (results: Results): Spread | number | undefined
}

const GET = { case: 'fast', workload: 'get' } as const

/** What the engine has to reach, with every request sampled and exported unless the line says otherwise. */
const TARGETS: readonly Target[] = [
  {
    text: 'throughput of bare Fastify, GET, logger off',
    limit: 0.7,
    bound: 'least',
    value: results => throughputOfBare(results, GET)
  },
  {
    text: 'throughput of bare Fastify, POST, pino on, correlation on',
    limit: 0.8,
    bound: 'least',
    value: results => throughputOfBare(results, { ...GET, workload: 'post' })
  },
  {
    text: 'times the throughput of the documented @fastify/otel + instrumentation-http, GET',
    limit: 4.5,
    bound: 'least',
    value: results => timesTheThroughput(results, 'fastify-otel-hooks-http')
  },
  {
    text: 'times the throughput of dd-trace, GET',
    limit: 4,
    bound: 'least',
    value: results => timesTheThroughput(results, 'dd-trace')
  },
  {
    text: 'sampled out (ratio 0), throughput of bare Fastify, GET',
    limit: 0.9,
    bound: 'least',
    value: results => throughputOfBare(results, { ...GET, case: 'fast-unsampled' })
  },
  {
    text: "p99 at half of bare's peak load, against bare, GET",
    limit: 1.25,
    bound: 'most',
    value: results => compareBursts(results, { ...GET, pace: 'half' }, p99, ratio)
  },
  {
    text: 'peak memory over bare, in the workload where it is most',
    limit: 60,
    bound: 'most',
    unit: ' MB',
    digits: 0,
    value: mostMemoryOverBare
  },
  {
    text: '`register` to `ready` over bare',
    limit: 60,
    bound: 'most',
    unit: ' ms',
    digits: 0,
    value: results => compareStarts(results, 'fast', registerTime, difference)
  },
  {
    text: 'one `startActiveSpan` + 5 attributes + `end()` in a loop',
    limit: 2,
    bound: 'most',
    unit: ' µs',
    value: ({ spanCosts }) => spreadOf(spanCosts.filter(cost => cost.case === 'fast').map(cost => cost.microseconds))
  },
  {
    text: 'a method of `traceMethod`, recorded with three parameters, over the bare call',
    limit: RECORDED_MAX,
    bound: 'most',
    unit: ' µs',
    value: ({ methodCosts = [] }) => methodCostSpread(methodCosts, 'recorded')
  },
  {
    text: 'a method of `traceMethod` in a trace that is not sampled, over the bare call',
    limit: UNRECORDED_MAX,
    bound: 'most',
    unit: ' µs',
    value: ({ methodCosts = [] }) => methodCostSpread(methodCosts, 'unrecorded')
  },
  {
    text: 'spans of letta-otel missing at the sink, in all runs together',
    limit: 0,
    bound: 'most',
    digits: 0,
    value: missingOfOurs
  }
]

export function targetTable (results: Results): string {
  return table(['What', 'Target', 'Measured', ''], TARGETS.map(({ text, limit, bound, unit = '', digits = 2, value }) => {
    const measured = value(results)
    const target = `${bound === 'least' ? '≥' : '≤'} ${limit}${unit}`
    if (measured === undefined) return [text, target, '–', 'not measured']
    const decisive = typeof measured === 'number' ? measured : measured.median
    const shown = typeof measured === 'number' ? decimals(measured, digits) : withRange(measured, digits)
    const reached = bound === 'least' ? decisive >= limit : decisive <= limit
    return [text, target, `${shown}${unit}`, reached ? 'reached' : '**missed**']
  }))
}

function throughputOfBare (results: Results, selection: Selection): Spread | undefined {
  return compareBursts(results, selection, throughput, ratio)
}

/** Both were measured against bare Fastify; what these ratios tell is compared. */
function timesTheThroughput (results: Results, other: string): number | undefined {
  const [ours, others] = [GET, { ...GET, case: other }].map(selection => throughputOfBare(results, selection))
  return ours === undefined || others === undefined ? undefined : ours.median / others.median
}

function mostMemoryOverBare (results: Results): Spread | undefined {
  const workloads = [...new Set(results.pairings.map(({ workload }) => workload))]
  return workloads.flatMap(workload => compareProcesses(results, { case: 'fast', workload }, peakMemory, difference) ?? [])
    .toSorted((a, b) => b.median - a.median)[0]
}
