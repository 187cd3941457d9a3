import type { Results } from '../measure/measurement.ts'
import { missingOfOurs, p99, peakMemory, registerTime, throughput } from './figures.ts'
import { RECORDED_MAX, UNRECORDED_MAX, medianMethodCost } from './method-costs.ts'
import { compare, difference, ratio, spreadOf } from './statistics.ts'
import { decimals, table } from './table.ts'

interface Target {
  readonly text: string
  readonly limit: number
  /** Whether the limit is the least or the most that is allowed. */
  readonly bound: 'least' | 'most'
  readonly unit?: string
  readonly digits?: number
  /** Nothing where it was not measured. */
  value (results: Results): number | undefined
}

const GET = { case: 'fast', workload: 'get' } as const

/** What the engine has to reach, with every request sampled and exported unless the line says otherwise. */
const TARGETS: readonly Target[] = [
  {
    text: 'throughput of bare Fastify, GET, logger off',
    limit: 0.7,
    bound: 'least',
    value: results => compare(results, GET, 'bare', throughput, ratio)?.median
  },
  {
    text: 'throughput of bare Fastify, POST, pino on, correlation on',
    limit: 0.8,
    bound: 'least',
    value: results => compare(results, { ...GET, workload: 'post' }, 'bare', throughput, ratio)?.median
  },
  {
    text: 'times the throughput of the documented @fastify/otel + instrumentation-http, GET',
    limit: 4.5,
    bound: 'least',
    value: results => compare(results, GET, 'fastify-otel-hooks-http', throughput, ratio)?.median
  },
  {
    text: 'times the throughput of dd-trace, GET',
    limit: 4,
    bound: 'least',
    value: results => compare(results, GET, 'dd-trace', throughput, ratio)?.median
  },
  {
    text: 'sampled out (ratio 0), throughput of bare Fastify, GET',
    limit: 0.9,
    bound: 'least',
    value: results => compare(results, { ...GET, case: 'fast-unsampled' }, 'bare', throughput, ratio)?.median
  },
  {
    text: "p99 at half of bare's peak load, against bare, GET",
    limit: 1.25,
    bound: 'most',
    value: results => compare(results, { ...GET, pace: 'half' }, 'bare', p99, ratio)?.median
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
    text: '`register` to `ready` over bare, GET',
    limit: 60,
    bound: 'most',
    unit: ' ms',
    digits: 0,
    value: results => compare(results, GET, 'bare', registerTime, difference)?.median
  },
  {
    text: 'one `startActiveSpan` + 5 attributes + `end()` in a loop',
    limit: 2,
    bound: 'most',
    unit: ' µs',
    value: ({ spanCosts }) => spreadOf(spanCosts.filter(cost => cost.case === 'fast').map(cost => cost.microseconds))?.median
  },
  {
    text: 'a method of `traceMethod`, recorded with three parameters, over the bare call',
    limit: RECORDED_MAX,
    bound: 'most',
    unit: ' µs',
    value: ({ methodCosts = [] }) => medianMethodCost(methodCosts, 'recorded')
  },
  {
    text: 'a method of `traceMethod` in a trace that is not sampled, over the bare call',
    limit: UNRECORDED_MAX,
    bound: 'most',
    unit: ' µs',
    value: ({ methodCosts = [] }) => medianMethodCost(methodCosts, 'unrecorded')
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
    const reached = bound === 'least' ? measured >= limit : measured <= limit
    return [text, target, `${decimals(measured, digits)}${unit}`, reached ? 'reached' : '**missed**']
  }))
}

function mostMemoryOverBare (results: Results): number | undefined {
  const workloads = [...new Set(results.measurements.map(({ workload }) => workload))]
  return spreadOf(workloads.flatMap(workload =>
    compare(results, { case: 'fast', workload }, 'bare', peakMemory, difference)?.median ?? []))?.most
}
