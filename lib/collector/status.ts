import { LETTA_OTEL_COLLECTOR_UNAVAILABLE, withoutCredentials } from '../errors.ts'
import { basic } from '../export/credentials.ts'
import { readOwnMetrics, type CollectorFigures } from './own-metrics.ts'

/** How a collector that runs is. */
export interface CollectorStatus {
  /** It has started all pipelines, and does not end. */
  readonly isHealthy: boolean
  readonly figures: CollectorFigures
}

const ANSWER_MS = 5_000

/**
 * @param health where the collector's health check answers
 * @param metrics where its own metrics are
 * @throws {LETTA_OTEL_COLLECTOR_UNAVAILABLE} one of them does not answer
 */
export async function collectorStatus (health: URL, metrics: URL): Promise<CollectorStatus> {
  const [check, figures] = await Promise.all([ask(health), ask(metrics)])
  if (!figures.ok) throw unavailable(metrics, `it answered ${figures.status}`)
  return { isHealthy: check.ok, figures: readOwnMetrics(await figures.text()) }
}

async function ask (url: URL): Promise<Response> {
  const { username, password } = url
  // fetch() refuses URLs with credentials, and says them.
  const asked = Object.assign(new URL(url), { username: '', password: '' })
  try {
    return await fetch(asked, {
      headers: username === '' && password === '' ? {} : { authorization: basic(username, password) }, signal: AbortSignal.timeout(ANSWER_MS)
    })
  } catch (problem) {
    const { name, message, cause } = problem as Error & { cause?: NodeJS.ErrnoException }
    throw unavailable(url, name === 'TimeoutError' ? `no answer within ${ANSWER_MS / 1_000} s` : cause?.code ?? cause?.message ?? message)
  }
}

function unavailable (url: URL, reason: string): Error {
  return new LETTA_OTEL_COLLECTOR_UNAVAILABLE(withoutCredentials(url.href), reason, 'Start one with letta-otel collector start, or say with --health and --metrics where it is')
}
