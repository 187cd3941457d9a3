import { collectorRules } from './collector.ts'
import { REQUEST_METRICS, requestRules } from './requests.ts'

/** What is written from definitions, by its path below docs/. */
export function prometheusFiles (): Record<string, string> {
  return {
    'prometheus/collector.yaml': collectorRules(),
    ...Object.fromEntries(Object.entries(REQUEST_METRICS).map(([name, metric]) => [`prometheus/${name}.yaml`, requestRules(metric)]))
  }
}
