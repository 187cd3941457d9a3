import { CASES, type BenchCase } from '../cases.ts'
import type { Burst, Results } from '../measure/measurement.ts'
import type { ServerFigures } from '../server-process.ts'
import { WORKLOADS } from '../workloads/workloads.ts'
import { balanceOf, bytesPerSpan, cpu, p50, p99, peakMemory, registerTime, startTime, throughput } from './figures.ts'
import { burstsOf, compareBursts, compareProcesses, compareStarts, difference, ratio, select, sidesOf, spreadOf, startsOf, type Selection } from './statistics.ts'
import { decimals, median, table, withRange } from './table.ts'

/** Throughput and what it takes, a table for each workload. */
export function workloadTables (results: Results): string {
  return WORKLOADS.flatMap(({ name: workload, title }) => {
    const cases = measured(results, { workload })
    if (cases.length === 0) return []
    const rows = cases.map(({ name, title }) => {
      const selection = { case: name, workload }
      return [
        title,
        burstMedian(results, selection, throughput),
        againstBare(results, selection, throughput),
        burstMedian(results, selection, p99, 1),
        burstMedian(results, selection, cpu, 1),
        againstBare(results, selection, cpu)
      ]
    })
    const head = ['Case', 'Requests/s', 'of bare', 'p99 ms', 'CPU µs a request', 'times bare']
    return [`### ${workload}: ${title}\n\n${table(head, rows)}\n\n${memoryTable(results, workload)}`]
  }).join('\n\n')
}

function memoryTable (results: Results, workload: string): string {
  return table(['Case', 'Peak memory MB', 'over bare', 'Bytes a span'], measured(results, { workload }).map(({ name, title }) => {
    const selection = { case: name, workload }
    const bytes = bytesPerSpan(select(results, selection))
    return [
      title,
      median(spreadOf(sidesOf(results, selection).map(({ figures }) => peakMemory(figures)))),
      median(compareProcesses(results, selection, peakMemory, difference)),
      bytes === undefined ? '–' : decimals(bytes, 0)
    ]
  }))
}

export function spanTable (results: Results): string {
  const rows = CASES.filter(({ name }) => name !== 'bare').flatMap(({ name, title }) => {
    const pairings = results.pairings.filter(one => one.case === name)
    if (pairings.length === 0) return []
    const { requests, sent, received } = balanceOf(pairings)
    const spans = pairings.reduce((sum, { arrivals }) => sum + arrivals.spans, 0)
    const logs = pairings.reduce((sum, { arrivals }) => sum + arrivals.logRecords, 0)
    return [[title, ...[requests, sent, received, sent - received, spans, logs].map(value => decimals(value, 0))]]
  })
  return table(['Case', 'Requests', 'Traces sent', 'received', 'missing', 'Spans received', 'Log records received'], rows)
}

export function latencyTable (results: Results): string {
  const half = { workload: 'get', pace: 'half' } as const
  return table(['Case', 'Requests/s', 'p50 ms', 'p99 ms', 'p99 against bare'], measured(results, half).map(({ name, title }) => {
    const selection = { case: name, ...half }
    return [
      title,
      burstMedian(results, selection, throughput),
      burstMedian(results, selection, p50, 2),
      burstMedian(results, selection, p99, 2),
      againstBare(results, selection, p99)
    ]
  }))
}

export function startTable (results: Results): string {
  const figures = [registerTime, startTime]
  return table(['Case', '`register` to `ready` ms', 'over bare', 'process to `ready` ms', 'over bare'], CASES.flatMap(({ name, title }) => {
    const own = name === 'bare' ? results.starts.map(({ bare }) => bare) : startsOf(results.starts, name).map(({ own }) => own)
    if (own.length === 0) return []
    const over = (figure: (one: ServerFigures) => number): string =>
      name === 'bare' ? '–' : withRange(compareStarts(results, name, figure, difference), 0)
    return [[title, ...figures.flatMap(figure => [median(spreadOf(own.map(figure))), over(figure)])]]
  }))
}

export function spanCostTable ({ spanCosts }: Results): string {
  return table(['Case', 'µs a span'], CASES.flatMap(({ name, title }) => {
    const spread = spreadOf(spanCosts.filter(cost => cost.case === name).map(({ microseconds }) => microseconds))
    return spread === undefined ? [] : [[title, withRange(spread, 2)]]
  }))
}

function burstMedian (results: Results, selection: Selection, figure: (burst: Burst) => number, digits = 0): string {
  return median(spreadOf(burstsOf(results, selection).map(figure)), digits)
}

/** Of bare Fastify itself only where it was measured against itself. */
function againstBare (results: Results, selection: Selection, figure: (burst: Burst) => number): string {
  return withRange(compareBursts(results, selection, figure, ratio), 2)
}

function measured (results: Results, selection: Omit<Selection, 'case'>): readonly BenchCase[] {
  return CASES.filter(({ name }) => burstsOf(results, { case: name, ...selection }).length > 0)
}
