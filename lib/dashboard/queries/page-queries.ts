import { NAMED_QUERIES } from '../../store/queries/named-queries.ts'
import type { NamedQuery } from '../../store/queries/named-query.ts'
import { logLevels, logs } from './logs.ts'
import {
  metricAttributes, metricDistribution, metricExemplars, metricGauge, metricHeatmap, metricRate, metrics, metricSummary
} from './metrics.ts'
import { pipeline } from './pipeline.ts'
import { requests } from './requests.ts'
import { callComparison, callPayload, runCalls, runs, runSteps, runTools } from './runs.ts'
import { services } from './services.ts'
import { traceLinks } from './trace-links.ts'
import { traces } from './traces.ts'

/** What the page alone asks, beside the store's own queries. */
const OF_THE_PAGE = {
  requests,
  services,
  traces,
  'trace-links': traceLinks,
  pipeline,
  logs,
  'log-levels': logLevels,
  runs,
  'run-steps': runSteps,
  'run-calls': runCalls,
  'run-tools': runTools,
  'call-payload': callPayload,
  'call-comparison': callComparison,
  metrics,
  'metric-attributes': metricAttributes,
  'metric-gauge': metricGauge,
  'metric-rate': metricRate,
  'metric-distribution': metricDistribution,
  'metric-heatmap': metricHeatmap,
  'metric-summary': metricSummary,
  'metric-exemplars': metricExemplars
}

/** Every question that the page can ask, by name: there are no others. */
export const PAGE_QUERIES = Object.freeze({ ...NAMED_QUERIES, ...OF_THE_PAGE })

export type PageQueries = typeof PAGE_QUERIES
export type PageQueryName = keyof PageQueries

export function pageQuery (name: string): NamedQuery | undefined {
  return Object.hasOwn(PAGE_QUERIES, name) ? PAGE_QUERIES[name as PageQueryName] as NamedQuery : undefined
}
