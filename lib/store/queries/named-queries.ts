import { LETTA_OTEL_STORE_UNKNOWN_QUERY, describeValue } from '../../errors.ts'
import { breakdown } from './breakdown.ts'
import { busiestAgents } from './busiest-agents.ts'
import { dailyVolume } from './daily-volume.ts'
import { endpointLatency } from './endpoint-latency.ts'
import { errorRate } from './error-rate.ts'
import { llmLatency } from './llm-latency.ts'
import type { NamedQuery } from './named-query.ts'
import { slo } from './slo.ts'
import { slowRuns } from './slow-runs.ts'
import { throughput } from './throughput.ts'
import { traceLogs } from './trace-logs.ts'
import { traceSearch } from './trace-search.ts'
import { trace } from './trace.ts'
import { tracesWithErrors } from './traces-with-errors.ts'
import { ttft } from './ttft.ts'

/** Every named query, by its name, with what it may be asked and what its rows are. */
export interface NamedQueries {
  readonly 'slow-runs': typeof slowRuns
  readonly 'llm-latency': typeof llmLatency
  readonly 'traces-with-errors': typeof tracesWithErrors
  readonly 'busiest-agents': typeof busiestAgents
  readonly 'daily-volume': typeof dailyVolume
  readonly 'endpoint-latency': typeof endpointLatency
  readonly 'error-rate': typeof errorRate
  readonly throughput: typeof throughput
  readonly ttft: typeof ttft
  readonly breakdown: typeof breakdown
  readonly trace: typeof trace
  readonly 'trace-search': typeof traceSearch
  readonly 'trace-logs': typeof traceLogs
  readonly slo: typeof slo
}

export const NAMED_QUERIES: NamedQueries = Object.freeze({
  'slow-runs': slowRuns,
  'llm-latency': llmLatency,
  'traces-with-errors': tracesWithErrors,
  'busiest-agents': busiestAgents,
  'daily-volume': dailyVolume,
  'endpoint-latency': endpointLatency,
  'error-rate': errorRate,
  throughput,
  ttft,
  breakdown,
  trace,
  'trace-search': traceSearch,
  'trace-logs': traceLogs,
  slo
})

export type QueryName = keyof NamedQueries

/** @throws LETTA_OTEL_STORE_UNKNOWN_QUERY there is none of that name */
export function namedQuery (name: string): NamedQuery {
  if (Object.hasOwn(NAMED_QUERIES, name)) return NAMED_QUERIES[name as QueryName]
  throw new LETTA_OTEL_STORE_UNKNOWN_QUERY(describeValue(name), Object.keys(NAMED_QUERIES).join(', '))
}
