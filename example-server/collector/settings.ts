import { portFrom, textFrom } from '../environment.ts'

export interface CollectorSettings {
  /** Words for `letta-otel collector start`. */
  readonly words: readonly string[]
  /** Where it takes OTLP over HTTP. */
  readonly endpoint: string
  /** Where it says that it is well. */
  readonly health: string
}

/** What the collector listens on: `LETTA_OTELCOL_*`, as its configurations read them. */
export function collectorSettings (words: readonly string[]): CollectorSettings {
  const host = reachable(textFrom('LETTA_OTELCOL_HOST') ?? '127.0.0.1')
  const scheme = textFrom('LETTA_OTELCOL_TLS_CERT_FILE') === undefined ? 'http' : 'https'
  return {
    words,
    endpoint: `${scheme}://${host}:${portFrom('LETTA_OTELCOL_HTTP_PORT', 4318)}`,
    health: `http://${host}:${portFrom('LETTA_OTELCOL_HEALTH_PORT', 13133)}/`
  }
}

/** Who listens to everybody also listens to this machine. */
function reachable (host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host
}
