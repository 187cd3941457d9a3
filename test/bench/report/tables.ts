import { CASES, type BenchCase } from '../cases.ts'
import type { Results } from '../measure/measurement.ts'
import { WORKLOADS } from '../workloads/workloads.ts'
import { balanceOf, bytesPerSpan, cpu, p99, peakMemory, registerTime, startTime, throughput } from './figures.ts'
import { compare, difference, figureOf, ratio, select, spreadOf } from './statistics.ts'
import { decimals, median, table, withRange } from './table.ts'

/** Throughput and what it takes, a table for each workload. */
export function workloadTables (results: Results): string {
  return WORKLOADS.flatMap(({ name: workload, title }) => {
    const cases = measured(results, workload)
    if (cases.length === 0) return []
    const rows = cases.map(({ name, title }) => {
      const selection = { case: name, workload }
      const bytes = bytesPerSpan(select(results, selection))
      return [
        title,
        median(figureOf(results, selection, throughput)),
        withRange(compare(results, selection, 'bare', throughput, ratio), 2),
        median(figureOf(results, selection, p99), 1),
        median(figureOf(results, selection, cpu), 1),
        median(figureOf(results, selection, peakMemory)),
        median(compare(results, selection, 'bare', peakMemory, difference)),
        bytes === undefined ? '–' : decimals(bytes, 0)
      ]
    })
    const head = ['Case', 'Requests/s', 'Of bare', 'p99 ms', 'CPU µs a request', 'Peak memory MB', 'over bare', 'Bytes a span']
    return [`### ${workload}: ${title}\n\n${table(head, rows)}`]
  }).join('\n\n')
}

export function spanTable (results: Results): string {
  const rows = CASES.filter(({ name }) => name !== 'bare').flatMap(({ name, title }) => {
    const measurements = results.measurements.filter(one => one.case === name)
    if (measurements.length === 0) return []
    const { requests, sent, received } = balanceOf(measurements)
    const spans = measurements.reduce((sum, { arrivals }) => sum + arrivals.spans, 0)
    const logs = measurements.reduce((sum, { arrivals }) => sum + arrivals.logRecords, 0)
    return [[title, ...[requests, sent, received, sent - received, spans, logs].map(value => decimals(value, 0))]]
  })
  return table(['Case', 'Requests', 'Traces sent', 'received', 'missing', 'Spans received', 'Log records received'], rows)
}

export function latencyTable (results: Results): string {
  return table(['Case', 'Requests/s', 'p50 ms', 'p99 ms', 'p99 against bare'], CASES.flatMap(({ name, title }) => {
    const selection = { case: name, workload: 'get', pace: 'half' } as const
    if (select(results, selection).length === 0) return []
    return [[
      title,
      median(figureOf(results, selection, throughput)),
      median(figureOf(results, selection, ({ load }) => load.p50), 2),
      median(figureOf(results, selection, p99), 2),
      withRange(compare(results, selection, 'bare', p99, ratio), 2)
    ]]
  }))
}

export function startTable (results: Results): string {
  return table(['Case', '`register` to `ready` ms', 'over bare', 'process to `ready` ms', 'over bare'], measured(results, 'get').map(({ name, title }) => {
    const selection = { case: name, workload: 'get' }
    return [
      title,
      ...[registerTime, startTime].flatMap(figure => [
        median(figureOf(results, selection, figure)), median(compare(results, selection, 'bare', figure, difference))
      ])
    ]
  }))
}

export function spanCostTable ({ spanCosts }: Results): string {
  return table(['Case', 'µs a span'], CASES.flatMap(({ name, title }) => {
    const spread = spreadOf(spanCosts.filter(cost => cost.case === name).map(({ microseconds }) => microseconds))
    return spread === undefined ? [] : [[title, withRange(spread, 2)]]
  }))
}

function measured ({ measurements }: Results, workload: string): readonly BenchCase[] {
  return CASES.filter(({ name }) => measurements.some(one => one.case === name && one.workload === workload))
}
