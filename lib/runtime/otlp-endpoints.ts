import { parseKeyPairsIntoRecord } from '@opentelemetry/core'
import { withoutCredentials } from '../errors.ts'
import type { CarrierOptions, EndpointSettings } from '../export/carrier.ts'
import type { Signal } from '../export/parcel.ts'
import { MILLISECONDS_MAX } from '../options/checks.ts'
import type { RuntimeOptions } from '../options.ts'
import type { Environment } from '../options/environment.ts'
import type { Report } from './reporter.ts'

/** Where OTLP goes and how, as options and `OTEL_EXPORTER_OTLP_*` say; the part of a carrier's options that is about it. */
export interface OtlpEndpoints extends Pick<CarrierOptions, 'endpoints'> {
  readonly settings: Readonly<Record<Signal, EndpointSettings>>
}

const DEFAULT_ENDPOINT = 'http://localhost:4318'
const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']

/** Options win over a signal's own variables, these over the general ones (OTLP exporter specification). */
export function otlpEndpoints ({ endpoint, headers }: RuntimeOptions, env: Environment, report: Report): OtlpEndpoints {
  const endpoints: Partial<Record<Signal, string>> = {}
  const settings: Partial<Record<Signal, EndpointSettings>> = {}
  for (const signal of SIGNALS) {
    const variables = new OtlpVariables(env, signal, report)
    const own = endpoint === undefined ? variables.own('ENDPOINT') : undefined
    endpoints[signal] = own ?? withPath(endpoint ?? variables.general('ENDPOINT') ?? DEFAULT_ENDPOINT, `v1/${signal}`)
    settings[signal] = {
      headers: { ...variables.headers, ...headers },
      timeoutMs: variables.timeoutMs,
      compression: variables.compression,
      tls: { ca: variables.text('CERTIFICATE'), cert: variables.text('CLIENT_CERTIFICATE'), key: variables.text('CLIENT_KEY') }
    }
  }
  return { endpoints, settings: settings as Record<Signal, EndpointSettings> }
}

/** `OTEL_EXPORTER_OTLP_*` as one signal has them. What cannot be is ignored, as the specification says. */
class OtlpVariables {
  readonly #env: Environment
  readonly #signal: string
  readonly #report: Report

  constructor (env: Environment, signal: Signal, report: Report) {
    this.#env = env
    this.#signal = `${signal.toUpperCase()}_`
    this.#report = report
  }

  general (name: string): string | undefined {
    return this.#env[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined
  }

  own (name: string): string | undefined {
    return this.general(`${this.#signal}${name}`)
  }

  text (name: string): string | undefined {
    return this.own(name) ?? this.general(name)
  }

  /** Of these the general ones stay, where the signal has none of that name. */
  get headers (): Record<string, string> {
    return { ...parseKeyPairsIntoRecord(this.general('HEADERS')), ...parseKeyPairsIntoRecord(this.own('HEADERS')) }
  }

  get timeoutMs (): number | undefined {
    return this.#timeoutOf(`${this.#signal}TIMEOUT`) ?? this.#timeoutOf('TIMEOUT')
  }

  get compression (): CarrierOptions['compression'] {
    return this.#compressionOf(`${this.#signal}COMPRESSION`) ?? this.#compressionOf('COMPRESSION')
  }

  #timeoutOf (name: string): number | undefined {
    const text = this.general(name)
    if (text === undefined) return undefined
    const milliseconds = Number(text)
    if (milliseconds > 0 && milliseconds <= MILLISECONDS_MAX) return milliseconds
    return this.#ignore(name, text, `a number of milliseconds above 0, ${MILLISECONDS_MAX} at most`)
  }

  #compressionOf (name: string): CarrierOptions['compression'] {
    const text = this.general(name)
    if (text === undefined || text === 'none' || text === 'gzip' || text === 'zstd') return text
    return this.#ignore(name, text, 'none, gzip, zstd')
  }

  #ignore (name: string, text: string, expected: string): undefined {
    this.#report(`environment variable OTEL_EXPORTER_OTLP_${name} is ignored: ${JSON.stringify(text)} is not one of: ${expected}`)
  }
}

/** An endpoint for people: without credentials. */
export function describeEndpoint ({ endpoints }: Pick<OtlpEndpoints, 'endpoints'>): string {
  return withoutCredentials(endpoints.traces ?? DEFAULT_ENDPOINT)
}

/** An endpoint is a base URL: a path and a query of its own are kept. */
export function withPath (endpoint: string, path: string): string {
  const url = new URL(endpoint)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`
  return url.href
}
