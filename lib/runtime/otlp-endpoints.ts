import { parseKeyPairsIntoRecord } from '@opentelemetry/core'
import { withoutCredentials } from '../errors.ts'
import type { CarrierOptions } from '../export/carrier.ts'
import type { Signal } from '../export/parcel.ts'
import type { RuntimeOptions } from '../options.ts'
import type { Environment } from '../options/environment.ts'
import type { Report } from './reporter.ts'

/** Where OTLP goes and how, as options and `OTEL_EXPORTER_OTLP_*` say; the part of a carrier's options that is about it. */
export type OtlpEndpoints = Pick<CarrierOptions, 'endpoints' | 'headers' | 'timeoutMs' | 'compression' | 'tls'>

const DEFAULT_ENDPOINT = 'http://localhost:4318'
const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']

/** Options win over a signal's own variables, these over the general ones (OTLP exporter specification). */
export function otlpEndpoints ({ endpoint, headers }: RuntimeOptions, env: Environment, report: Report): OtlpEndpoints {
  const general = (name: string): string | undefined => env[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined
  const endpoints: Partial<Record<Signal, string>> = {}
  for (const signal of SIGNALS) {
    const own = endpoint === undefined ? general(`${signal.toUpperCase()}_ENDPOINT`) : undefined
    endpoints[signal] = own ?? withPath(endpoint ?? general('ENDPOINT') ?? DEFAULT_ENDPOINT, `v1/${signal}`)
  }
  return {
    endpoints,
    headers: { ...parseKeyPairsIntoRecord(general('HEADERS')), ...parseKeyPairsIntoRecord(general('TRACES_HEADERS')), ...headers },
    timeoutMs: positive(general('TIMEOUT')),
    compression: compression(general('COMPRESSION'), report),
    tls: { ca: general('CERTIFICATE'), cert: general('CLIENT_CERTIFICATE'), key: general('CLIENT_KEY') }
  }
}

/** An endpoint for people: without credentials. */
export function describeEndpoint ({ endpoints }: OtlpEndpoints): string {
  return withoutCredentials(endpoints.traces ?? DEFAULT_ENDPOINT)
}

/** An endpoint is a base URL: a path and a query of its own are kept. */
export function withPath (endpoint: string, path: string): string {
  const url = new URL(endpoint)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`
  return url.href
}

function positive (text: string | undefined): number | undefined {
  const number = Number(text)
  return number > 0 ? number : undefined
}

function compression (text: string | undefined, report: Report): CarrierOptions['compression'] {
  if (text === undefined || text === 'none' || text === 'gzip' || text === 'zstd') return text
  report(`environment variable OTEL_EXPORTER_OTLP_COMPRESSION is ignored: ${JSON.stringify(text)} is not one of: none, gzip, zstd`)
  return undefined
}
