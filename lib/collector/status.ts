import { LETTA_OTEL_COLLECTOR_UNAVAILABLE } from '../errors.ts'
import type { CollectorFigures } from './own-metrics.ts'
import { NO_FIGURES, TOO_LONG, readCollector, type CollectorAddresses } from './read-collector.ts'

/** How a collector that runs is. */
export interface CollectorStatus {
  /** It has started all pipelines, and does not end. */
  readonly isHealthy: boolean
  readonly figures: CollectorFigures
}

const ANSWER_MS = 5_000

/**
 * @param answerMs milliseconds that each address has for all of its answer. @default 5000
 * @throws {LETTA_OTEL_COLLECTOR_UNAVAILABLE} one of them does not answer, or is no collector's
 */
export async function collectorStatus (addresses: CollectorAddresses, answerMs = ANSWER_MS): Promise<CollectorStatus> {
  const { health, metrics } = await readCollector(addresses, answerMs)
  if ('code' in health) throw unavailable(health.url, reasonOf(health.code, answerMs))
  if ('code' in metrics) throw unavailable(metrics.url, reasonOf(metrics.code, answerMs))
  if (metrics.status !== 200) throw unavailable(metrics.url, `it answered ${metrics.status}`)
  return { isHealthy: health.status === 200, figures: metrics.content }
}

function reasonOf (code: string, answerMs: number): string {
  switch (code) {
    case 'ETIMEDOUT': return `no answer within ${answerMs / 1_000} s`
    case NO_FIGURES: return 'what it answered are no metrics of a collector'
    case TOO_LONG: return 'its answer is too long for metrics of a collector'
    default: return code
  }
}

function unavailable (url: string, reason: string): Error {
  return new LETTA_OTEL_COLLECTOR_UNAVAILABLE(url, reason, 'Start one with letta-otel collector start, or say with --health and --metrics where it is')
}
