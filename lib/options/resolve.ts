import type { Attributes } from '@opentelemetry/api'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import type { Sampler } from '@opentelemetry/sdk-trace'
import { LETTA_CONTEXT_HEADERS, type ContextHeader } from '../vocabulary/context.ts'
import type { ExemplarFilter } from '../vocabulary/metrics.ts'
import { SECRET_QUERY_KEYS } from '../vocabulary/secrets.ts'
import { checkOptions } from './checks.ts'
import { OPTION_CHECKS } from './definitions.ts'
import {
  EnvironmentReader, defaultDestination, endpointFrom, environmentNameFrom, knownMethodsFrom, lettaDirectoryFrom,
  protocolFrom, temporalityFrom, type Environment, type OtlpProtocol, type Temporality
} from './environment.ts'
import type { StoreOptions } from '../store/store-options.ts'
import type { DestinationName, EndpointMetricsOptions, LettaOtelOptions, LogOptions, PayloadRedaction, PriceTable } from '../options.ts'

/** What one process has one of: every application in it shares the runtime that these describe. */
export interface RuntimeOptions {
  readonly serviceName: string | undefined
  readonly serviceVersion: string | undefined
  readonly environment: string
  readonly resourceAttributes: Attributes
  readonly destination: DestinationName
  /** Base URL, when the standard variables do not say it. */
  readonly endpoint: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly protocols: { readonly traces: OtlpProtocol, readonly metrics: OtlpProtocol }
  readonly signals: { readonly traces: boolean, readonly metrics: boolean }
  readonly exportIntervalMs: number
  readonly engine: 'fast' | 'sdk'
  readonly temporality: Temporality
  readonly exemplarFilter: ExemplarFilter
  readonly sampler: Sampler | undefined
  readonly samplerName: string | undefined
  readonly samplerArgument: string | undefined
  readonly propagators: readonly string[]
  readonly instrumentations: false | readonly Instrumentation[]
  /** All query keys whose values are never kept, in lower case. */
  readonly redactQuery: ReadonlySet<string>
  readonly lettaDirectory: string
}

/** What the request room needs to know. */
export interface RequestOptions {
  readonly exclude: ReadonlyArray<string | RegExp>
  readonly captureHeaders: { readonly request: readonly string[], readonly response: readonly string[] }
  readonly contextHeaders: ReadonlyArray<ContextHeader & { readonly header: string }>
  readonly captureBody: readonly string[]
  /** Lower case. */
  readonly secretQueryKeys: ReadonlySet<string>
  readonly semantics: 'stable' | 'letta' | 'both'
  readonly isError: LettaOtelOptions['isError']
  readonly trustIncoming: NonNullable<LettaOtelOptions['trustIncoming']>
  readonly endpointMetrics: false | Required<EndpointMetricsOptions>
  readonly knownMethods: ReadonlySet<string>
  /** Nothing where every request that is not sampled is let go. */
  readonly keep: { readonly errors: boolean, readonly slowerThanMs: number } | undefined
}

/** What the agent room needs to know. */
export interface ResolvedAgentOptions {
  readonly prices: PriceTable | undefined
  /** Nothing where payloads are not kept. */
  readonly payloads: { readonly redact: Required<PayloadRedaction>, readonly maxSize: number } | undefined
  /** Work that may be open at a time. */
  readonly maxOpen: number
}

/** Every option with its value. */
export interface ResolvedOptions {
  /** `OTEL_SDK_DISABLED=true`: no telemetry at all. */
  readonly disabled: boolean
  readonly runtime: RuntimeOptions
  /** The runtime options that were given in code, as opposed to defaults and the environment. */
  readonly given: ReadonlyArray<keyof RuntimeOptions>
  readonly request: RequestOptions
  readonly logs: false | Required<LogOptions>
  readonly agents: false | ResolvedAgentOptions
  readonly store: boolean | StoreOptions
  readonly errorReplies: boolean
  readonly shutdownTimeoutMs: number
  /** Variables that were ignored, one sentence each. */
  readonly warnings: readonly string[]
}

/** Fastify hands a plugin its own registration options too. */
const FASTIFY_REGISTER_OPTIONS = ['prefix', 'logLevel', 'logSerializers']

/**
 * Validates options and fills in what the environment and the defaults say.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} an option is unknown or ill-typed
 * @throws {LETTA_OTEL_INVALID_ENVIRONMENT} a `LETTA_*` variable cannot work
 */
export function resolveOptions (input: LettaOtelOptions, environment: Environment): ResolvedOptions {
  const options = withoutRegisterOptions(input)
  checkOptions(OPTION_CHECKS, options)
  const env = new EnvironmentReader(environment)
  const runtime = resolveRuntime(options, env)
  return {
    disabled: env.flag('OTEL_SDK_DISABLED'),
    runtime,
    given: (Object.keys(options) as Array<keyof RuntimeOptions>).filter(name => name in runtime && options[name as keyof LettaOtelOptions] !== undefined),
    request: resolveRequest(options, env),
    logs: resolveLogs(options.logs, runtime.destination, env),
    agents: resolveAgents(options.agents),
    store: resolveStore(options.store, env),
    errorReplies: options.errorReplies ?? false,
    shutdownTimeoutMs: options.shutdownTimeoutMs ?? 2_000,
    warnings: env.warnings
  }
}

/** Under a test runner a server of the environment does not count: nothing may leave the process unasked. */
function resolveStore (store: LettaOtelOptions['store'] = false, env: EnvironmentReader): boolean | StoreOptions {
  return store === true && env.isTest ? false : store
}

function withoutRegisterOptions (input: LettaOtelOptions): LettaOtelOptions {
  if (Object.prototype.toString.call(input) !== '[object Object]') return input
  return Object.fromEntries(Object.entries(input).filter(([name]) => !FASTIFY_REGISTER_OPTIONS.includes(name)))
}

function resolveRuntime (options: LettaOtelOptions, env: EnvironmentReader): RuntimeOptions {
  return {
    serviceName: options.serviceName ?? env.text('OTEL_SERVICE_NAME') ?? env.resourceAttribute('service.name'),
    serviceVersion: options.serviceVersion ?? env.resourceAttribute('service.version'),
    environment: options.environment ?? environmentNameFrom(env),
    resourceAttributes: options.resourceAttributes ?? {},
    destination: options.destination ?? defaultDestination(env, options.endpoint !== undefined),
    endpoint: options.endpoint ?? (endpointFrom(env).standard ? undefined : endpointFrom(env).own),
    headers: options.headers ?? {},
    protocols: { traces: protocolFrom(env, 'TRACES'), metrics: protocolFrom(env, 'METRICS') },
    signals: { traces: env.text('OTEL_TRACES_EXPORTER') !== 'none', metrics: env.text('OTEL_METRICS_EXPORTER') !== 'none' },
    exportIntervalMs: options.exportIntervalMs ?? env.positiveInteger('OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000,
    engine: options.engine ?? 'fast',
    temporality: options.temporality ?? temporalityFrom(env),
    exemplarFilter: env.oneOf('OTEL_METRICS_EXEMPLAR_FILTER', 'trace_based', 'always_on', 'always_off') ?? 'trace_based',
    sampler: options.sampler,
    samplerName: env.oneOf('OTEL_TRACES_SAMPLER', 'always_on', 'always_off', 'traceidratio',
      'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'),
    samplerArgument: env.text('OTEL_TRACES_SAMPLER_ARG'),
    propagators: env.list('OTEL_PROPAGATORS') ?? ['tracecontext', 'baggage'],
    instrumentations: options.instrumentations ?? [],
    redactQuery: secretQueryKeys(options),
    lettaDirectory: lettaDirectoryFrom(env)
  }
}

function resolveRequest (options: LettaOtelOptions, env: EnvironmentReader): RequestOptions {
  const { captureHeaders, endpointMetrics = {} } = options
  return {
    exclude: options.exclude ?? ['GET /v1/health'],
    captureHeaders: {
      request: (captureHeaders?.request ?? []).map(name => name.toLowerCase()),
      response: (captureHeaders?.response ?? []).map(name => name.toLowerCase())
    },
    contextHeaders: Object.entries(options.contextHeaders ?? LETTA_CONTEXT_HEADERS).map(([header, to]) =>
      ({ header: header.toLowerCase(), ...(typeof to === 'string' ? { attribute: to } : to) })),
    captureBody: options.captureBody ?? [],
    secretQueryKeys: secretQueryKeys(options),
    semantics: options.semantics ?? 'stable',
    isError: options.isError,
    trustIncoming: options.trustIncoming ?? true,
    endpointMetrics: endpointMetrics && {
      include: endpointMetrics.include ?? [/^/],
      exclude: endpointMetrics.exclude ?? [],
      streams: endpointMetrics.streams ?? 'include'
    },
    knownMethods: knownMethodsFrom(env),
    keep: resolveKeep(options.keep)
  }
}

function secretQueryKeys ({ redactQuery = [] }: LettaOtelOptions): ReadonlySet<string> {
  return new Set([...SECRET_QUERY_KEYS, ...redactQuery.map(key => key.toLowerCase())])
}

function resolveKeep (keep: LettaOtelOptions['keep']): RequestOptions['keep'] {
  if (keep === undefined || keep === false) return undefined
  const { errors = false, slowerThanMs = Infinity } = keep
  return errors || slowerThanMs < Infinity ? { errors, slowerThanMs } : undefined
}

function resolveLogs (logs: LettaOtelOptions['logs'], destination: DestinationName, env: EnvironmentReader): ResolvedOptions['logs'] {
  if (logs === false) return false
  return {
    correlation: logs?.correlation ?? true,
    ddFormat: logs?.ddFormat ?? 'decimal64',
    keys: logs?.keys ?? 'flat',
    file: logs?.file ?? destination === 'files',
    otlp: logs?.otlp ?? env.list('OTEL_LOGS_EXPORTER')?.includes('otlp') ?? false
  }
}

function resolveAgents (agents: LettaOtelOptions['agents'] = {}): ResolvedOptions['agents'] {
  if (agents === false) return false
  const { prices, payloads = false, maxOpen = 20_000 } = agents
  if (payloads === false) return { prices, payloads: undefined, maxOpen }
  const { redact, maxSize = 262_144 } = payloads === true ? {} : payloads
  return { prices, payloads: { redact: { keys: redact?.keys ?? [], patterns: redact?.patterns ?? [] }, maxSize }, maxOpen }
}
