import { withoutCredentials } from '../../errors.ts'
import { basic } from '../../export/credentials.ts'
import type { Environment } from '../../options/environment.ts'
import { readOwnMetrics, type CollectorFigures } from '../../collector/own-metrics.ts'

/** Where a collector tells how it is. */
export interface CollectorAddresses {
  readonly health: string
  readonly metrics: string
}

/** What came of asking one address. */
export type Answer<T> =
  /** `url` is without credentials. */
  | { readonly url: string, readonly status: number, readonly content: T }
  /** The code of what kept it from answering. */
  | { readonly url: string, readonly code: string }

export interface CollectorView {
  readonly health: Answer<undefined>
  readonly metrics: Answer<CollectorFigures>
}

const HEALTH_PORT = '13133'
const METRICS_PORT = '8888'

/** The ports that the configurations of letta-otel have, on the host that takes telemetry. */
export function usualAddresses (endpoint: string, env: Environment): CollectorAddresses {
  const at = (port: string, path: string): string => {
    const url = new URL(path, endpoint)
    Object.assign(url, { protocol: 'http:', port, username: '', password: '', search: '' })
    return url.href
  }
  return { health: at(portOf(env['LETTA_OTELCOL_HEALTH_PORT']) ?? HEALTH_PORT, '/'), metrics: at(portOf(env['LETTA_OTELCOL_METRICS_PORT']) ?? METRICS_PORT, '/metrics') }
}

/** A URL ignores a port that is none. */
function portOf (text: string | undefined): string | undefined {
  return /^\d{1,5}$/.exec(text?.trim() ?? '')?.[0]
}

/** Never rejects. */
export async function readCollector ({ health, metrics }: CollectorAddresses, timeoutMs: number): Promise<CollectorView> {
  const [healthAnswer, metricsAnswer] = await Promise.all([ask(health, timeoutMs), ask(metrics, timeoutMs)])
  return {
    health: 'code' in healthAnswer ? healthAnswer : { ...healthAnswer, content: undefined },
    metrics: 'code' in metricsAnswer ? metricsAnswer : { ...metricsAnswer, content: readOwnMetrics(metricsAnswer.content) }
  }
}

async function ask (address: string, timeoutMs: number): Promise<Answer<string>> {
  const asked = new URL(address)
  const { username, password } = asked
  // Such URLs are refused by fetch().
  Object.assign(asked, { username: '', password: '' })
  const url = withoutCredentials(address)
  try {
    const headers = username === '' && password === '' ? {} : { authorization: basic(username, password) }
    const response = await fetch(asked, { headers, signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
    return { url, status: response.status, content: await response.text() }
  } catch (problem) {
    const { name, cause } = problem as Error & { cause?: NodeJS.ErrnoException }
    return { url, code: name === 'TimeoutError' ? 'ETIMEDOUT' : cause?.code ?? name }
  }
}
