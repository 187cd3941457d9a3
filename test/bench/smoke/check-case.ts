import { isDeepStrictEqual } from 'node:util'
import type { BenchCase } from '../cases.ts'
import type { Workload } from '../workloads/workload.ts'
import { CLAIMS } from './claims.ts'
import { observe, type Observation } from './observe.ts'

/** Something that has to be so. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was seen, and what was expected. */
  readonly detail: { readonly found: unknown, readonly wanted: unknown }
}

const LINES = ['incoming request', 'request completed']
/** How often a workload is sent: often enough for a tenth of its requests to be a number between these. */
const SAMPLED = { times: 400, least: 5, most: 120 }
const TIMES = 3

/** Runs a case with a workload and holds it to its claim. */
export async function checkCase (benchCase: BenchCase, workload: Workload): Promise<Check[]> {
  const times = benchCase.spans === 'sampled' ? SAMPLED.times : TIMES
  const observation = await observe(benchCase, workload, times)
  const requests = times * workload.requests.length
  return [
    equal('every answer has its status', observation.statuses, repeated(workload.requests.map(({ status }) => status), times)),
    equal('the server counts the requests', observation.figures.requests, requests),
    ...spanChecks(benchCase, workload, observation, times),
    equal('the duration metric arrives', observation.hasDurationMetric, CLAIMS[benchCase.name]!.metrics),
    ...(workload.logger ? logChecks(benchCase, observation, requests) : [])
  ]
}

function spanChecks ({ name, spans }: BenchCase, workload: Workload, { arrivals, figures, spanNames }: Observation, times: number): Check[] {
  const requests = times * workload.requests.length
  const claimed = CLAIMS[name]!.spans[workload.name]
  const checks = claimed === undefined ? [] : [equal('exactly these spans arrive', spanNames, repeated(claimed, times).sort())]
  if (spans === 'all') checks.push(equal('a trace arrives for each request', arrivals.roots, requests))
  if (spans === 'none') checks.push(equal('no span arrives', arrivals.spans, 0))
  if (spans === 'sampled') {
    checks.push({
      name: 'about a tenth of the traces arrive',
      ok: arrivals.roots >= SAMPLED.least && arrivals.roots <= SAMPLED.most,
      detail: { found: arrivals.roots, wanted: SAMPLED }
    })
  }
  if (figures.account !== undefined) checks.push(equal('it says what it sent', figures.account, { exported: arrivals.spans, failed: 0 }))
  return checks
}

function logChecks ({ name }: BenchCase, { lines, records }: Observation, requests: number): Check[] {
  const { correlation, logs = false } = CLAIMS[name]!
  const expected = LINES.map(message => ({ message, count: requests }))
  const correlated = lines.filter(line => typeof line['dd.trace_id'] === 'string' || (line['dd'] as { trace_id?: unknown } | undefined)?.trace_id !== undefined)
  return [
    equal('pino writes two lines a request', LINES.map(message => ({ message, count: lines.filter(({ msg }) => msg === message).length })), expected),
    equal('lines carry the ids of their trace', correlated.length, correlation ? lines.length : 0),
    equal('lines arrive as log records of their trace', LINES.map(message => ({
      message, count: records.filter(({ body, hasTraceId }) => body === message && hasTraceId).length
    })), logs ? expected : LINES.map(message => ({ message, count: 0 })))
  ]
}

function equal (name: string, found: unknown, wanted: unknown): Check {
  return { name, ok: isDeepStrictEqual(found, wanted), detail: { found, wanted } }
}

function repeated<T> (values: readonly T[], times: number): T[] {
  return Array.from({ length: times }, () => values).flat()
}
