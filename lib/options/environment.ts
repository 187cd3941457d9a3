import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { LETTA_OTEL_INVALID_ENVIRONMENT, describeValue } from '../errors.ts'
import { MILLISECONDS_MAX } from './checks.ts'
import { KNOWN_METHODS } from '../vocabulary/methods.ts'
import type { DestinationName } from '../options.ts'

/** Environment variables by name, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>
/** Protocols of OTLP over HTTP. */
export type OtlpProtocol = 'http/json' | 'http/protobuf'
/** Temporality as the OTLP exporters name it. */
export type Temporality = 'delta' | 'cumulative' | 'lowmemory'

/**
 * Reads variables. What the OpenTelemetry specification asks to ignore with a warning is kept in `warnings`; a bad
 * `LETTA_*` variable throws.
 */
export class EnvironmentReader {
  readonly warnings: string[] = []
  readonly #env: Environment

  constructor (env: Environment) {
    this.#env = env
  }

  /** The variable's text, or nothing when it is unset or blank. */
  text (name: string): string | undefined {
    const value = this.#env[name]?.trim()
    return value === '' ? undefined : value
  }

  /** Whether a test runner runs this. */
  get isTest (): boolean {
    return this.text('NODE_ENV') === 'test'
  }

  list (name: string): string[] | undefined {
    return this.text(name)?.split(',').map(item => item.trim()).filter(item => item !== '')
  }

  /** True only for `true` in any case, as the specification says. */
  flag (name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true'
  }

  positiveInteger (name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const number = Number(value)
    if (Number.isInteger(number) && number > 0 && number <= MILLISECONDS_MAX) return number
    return this.#ignore(name, value, `a whole number from 1 to ${MILLISECONDS_MAX}`)
  }

  oneOf<T extends string> (name: string, ...names: T[]): T | undefined {
    const value = this.text(name)?.toLowerCase()
    if (value === undefined) return undefined
    return names.find(known => known === value) ?? this.#ignore(name, value, names.join(', '))
  }

  resourceAttribute (key: string): string | undefined {
    for (const pair of this.list('OTEL_RESOURCE_ATTRIBUTES') ?? []) {
      const equals = pair.indexOf('=')
      if (pair.slice(0, equals).trim() === key) return decoded(pair.slice(equals + 1).trim())
    }
    return undefined
  }

  #ignore (name: string, value: string, expected: string): undefined {
    this.warnings.push(`environment variable ${name} is ignored: ${describeValue(value)} is not one of: ${expected}`)
    return undefined
  }
}

/** The specification percent-encodes values of resource attributes; the SDK drops what cannot be decoded. */
function decoded (value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

export function temporalityFrom (env: EnvironmentReader): Temporality {
  const standard = env.oneOf('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'cumulative', 'delta', 'lowmemory')
  const letta = lettaTemporality(env.text('LETTA_OTEL_PREFERRED_TEMPORALITY'))
  return standard ?? letta
}

/** 0 unspecified, 1 delta, 2 cumulative: the numbers of OTLP's AggregationTemporality. Letta's default is delta. */
function lettaTemporality (value: string | undefined): Temporality {
  switch (value) {
    case undefined: case '0': case '1': return 'delta'
    case '2': return 'cumulative'
    default:
      throw new LETTA_OTEL_INVALID_ENVIRONMENT(
        'LETTA_OTEL_PREFERRED_TEMPORALITY', describeValue(value), 'use 0 (unspecified), 1 (delta) or 2 (cumulative)')
  }
}

const STANDARD_ENDPOINTS = [
  'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'
]
const OWN_ENDPOINT = 'LETTA_OTEL_EXPORTER_OTLP_ENDPOINT'

/**
 * Endpoints that the environment names: `own` is Letta's; the exporters read the standard variables themselves. They
 * ignore one that is no URL and send, headers included, to a default address: here it is refused.
 */
export function endpointFrom (env: EnvironmentReader): { standard: boolean, own: string | undefined } {
  for (const name of [...STANDARD_ENDPOINTS, OWN_ENDPOINT]) {
    const value = env.text(name)
    if (value === undefined || isHttpUrl(value)) continue
    throw new LETTA_OTEL_INVALID_ENVIRONMENT(name, describeValue(value), 'use an http: or https: URL such as http://127.0.0.1:4318')
  }
  return { standard: STANDARD_ENDPOINTS.some(name => env.text(name) !== undefined), own: env.text(OWN_ENDPOINT) }
}

function isHttpUrl (text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)
}

/** Under a test runner an endpoint of the environment does not count: nothing may leave the process unasked. */
export function defaultDestination (env: EnvironmentReader, hasEndpointOption: boolean): DestinationName {
  if (hasEndpointOption) return 'otlp'
  if (env.isTest) return 'memory'
  const { standard, own } = endpointFrom(env)
  return standard || own !== undefined ? 'otlp' : 'files'
}

export function protocolFrom (env: EnvironmentReader, signal: 'TRACES' | 'METRICS'): OtlpProtocol {
  return env.oneOf(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'http/json', 'http/protobuf') ??
    env.oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json', 'http/protobuf') ?? 'http/json'
}

export function environmentNameFrom (env: EnvironmentReader): string {
  return env.resourceAttribute('deployment.environment.name') ??
    env.text('LETTA_ENVIRONMENT') ?? env.text('NODE_ENV') ?? 'development'
}

/** Where logs and files of telemetry are kept. */
export function lettaDirectoryFrom (env: EnvironmentReader): string {
  return env.text('LETTA_DIR') ?? join(homeDirectory(), '.letta')
}

/** A user without a home, in a container say, has no directory of their own but the temporary one. */
function homeDirectory (): string {
  try {
    return homedir()
  } catch {
    return tmpdir()
  }
}

/** The specification lets this variable replace the whole list; methods are case-sensitive. */
export function knownMethodsFrom (env: EnvironmentReader): ReadonlySet<string> {
  return new Set(env.list('OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS') ?? KNOWN_METHODS)
}
