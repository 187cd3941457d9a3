import type { Attributes } from '@opentelemetry/api'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import type { Sampler } from '@opentelemetry/sdk-trace'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { StoreOptions } from './store/store-options.ts'
import type { ContextHeader } from './vocabulary/context.ts'

export { checkRouteTelemetry } from './options/route-telemetry.ts'
export { resolveOptions, type RequestOptions, type ResolvedAgentOptions, type ResolvedOptions, type RuntimeOptions } from './options/resolve.ts'

/** Which endpoints the endpoint instruments count. Patterns match `METHOD route`, for example `POST /v1/agents/:agent_id/messages`. */
export interface EndpointMetricsOptions {
  /** Only these endpoints. @default every endpoint */
  include?: ReadonlyArray<string | RegExp>
  /** None of these endpoints. @default none */
  exclude?: ReadonlyArray<string | RegExp>
  /** Whether `text/event-stream` replies and upgraded connections are counted; they last as long as someone listens. @default 'include' */
  streams?: 'include' | 'exclude'
}

/** What letta-otel does with the application's log lines. */
export interface LogOptions {
  /** Write trace and request ids onto every line. @default true */
  correlation?: boolean
  /** Form of `dd.trace_id`: the low 64 bits in decimal, or all 128 bits in hexadecimal. Datadog accepts both. @default 'decimal64' */
  ddFormat?: 'decimal64' | 'hex128'
  /** `"dd.trace_id": …` or `"dd": { "trace_id": … }`. @default 'flat' */
  keys?: 'flat' | 'nested'
  /** Also write every line to `$LETTA_DIR/logs/Letta.log` (10 MB a file, 3 backups). @default true with destination 'files' */
  file?: boolean
  /** Also send every line as an OTLP log record, with destination 'otlp', or keep it in `logs.json`, with 'files'. @default true where `OTEL_LOGS_EXPORTER` names otlp, else false */
  otlp?: boolean
}

/** Which requests that were not sampled are exported all the same: their server span, and nothing inside it. */
export interface KeepOptions {
  /** Those whose server span has status ERROR by what was answered; see `isError`. @default false */
  errors?: boolean
  /** Those that lasted longer than this, in milliseconds, to the last byte of the response. @default none */
  slowerThanMs?: number
}

/** What a model costs, in US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number
  readonly output: number
  /** Input tokens that were read from a cache. @default the same as `input` */
  readonly cachedInput?: number
  /** Input tokens that were written to a cache, which Anthropic tells apart. @default the same as `input` */
  readonly cacheWrite?: number
}

/** Prices of models. The version is kept with every cost, so that it can be told what a cost was computed from. */
export interface PriceTable {
  /** For example the day of the price list: `2026-01-15`. */
  readonly version: string
  /** By model, as requests or answers name it; a dated version of a model costs what the model does. */
  readonly models: Readonly<Record<string, ModelPrice>>
}

/** What is taken out of prompts and answers, beside what is a secret by its name or form. */
export interface PayloadRedaction {
  /** Keys whose values are replaced, whatever their case, wherever they end a key's name. @default none beyond the built-in list */
  readonly keys?: readonly string[]
  /** What is replaced within texts. @default none beyond the built-in list */
  readonly patterns?: readonly RegExp[]
}

/** How prompts and answers are kept. */
export interface PayloadOptions {
  readonly redact?: PayloadRedaction
  /** Characters kept of a request, and of an answer; what is longer is cut off within the JSON. @default 262,144 */
  readonly maxSize?: number
}

/** What is recorded of agents' runs, steps, LLM calls and tools. */
export interface AgentOptions {
  /** Prices, for the costs of LLM calls. @default none: no costs */
  readonly prices?: PriceTable
  /** Keep prompts and answers, in the store and nowhere else. @default false */
  readonly payloads?: boolean | PayloadOptions
  /**
   * Runs, steps, LLM calls and tools that may be open at a time, from 1 to 1,000,000: some 2.5 kB each, without what they keep
   * of prompts and answers. Past them, what has rested longest is ended as incomplete, and counted in `stats().agents.abandoned`.
   * @default 20,000
   */
  readonly maxOpen?: number
}

/** Headers to record on the server span as `http.request.header.<name>` and `http.response.header.<name>`. */
export interface CaptureHeadersOptions {
  request?: readonly string[]
  response?: readonly string[]
}

/** A span destination: an OTLP/HTTP endpoint, files of OTLP JSON lines, this process's memory (for tests), or nowhere. */
export type DestinationName = 'otlp' | 'files' | 'memory' | 'none'

/**
 * Options of the plugin. An option that is given wins over the standard `OTEL_*` variables, and these over `LETTA_*`.
 *
 * @example
 * await app.register(lettaOtel, { serviceName: 'agent-server', endpoint: 'http://127.0.0.1:4318' })
 */
export interface LettaOtelOptions {
  /** `service.name`. @default `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, or the name in the application's package.json */
  serviceName?: string
  /** `service.version`. @default `OTEL_RESOURCE_ATTRIBUTES`, or the version in the application's package.json */
  serviceVersion?: string
  /** `deployment.environment.name`. @default `OTEL_RESOURCE_ATTRIBUTES`, `LETTA_ENVIRONMENT`, `NODE_ENV`, or 'development' */
  environment?: string
  /** Base URL of an OTLP/HTTP receiver; `/v1/traces`, `/v1/metrics` and `/v1/logs` are added. @default `OTEL_EXPORTER_OTLP_ENDPOINT` or `LETTA_OTEL_EXPORTER_OTLP_ENDPOINT` */
  endpoint?: string
  /** Headers of every export, for example an ingestion key. They win over `OTEL_EXPORTER_OTLP_HEADERS`. @default {} */
  headers?: Readonly<Record<string, string>>
  /** Where telemetry goes. @default 'otlp' with an endpoint, 'memory' under `NODE_ENV=test`, else 'files' */
  destination?: DestinationName
  /** Milliseconds between two exports of metrics; spans leave at least as often. @default `OTEL_METRIC_EXPORT_INTERVAL` or 60,000 */
  exportIntervalMs?: number
  /**
   * What records spans and makes them leave: an engine that encodes each span as it ends and has a worker thread send or
   * write it, with a spool on the disk; or the official SDK and its exporters, all on the application's thread.
   * @default 'fast'
   */
  engine?: 'fast' | 'sdk'
  /** Requests without span and metrics, as `METHOD route`, `route` or a RegExp over `METHOD route`. @default ['GET /v1/health'] */
  exclude?: ReadonlyArray<string | RegExp>
  /** Headers to record on server spans. Never those that carry credentials. @default none */
  captureHeaders?: CaptureHeadersOptions
  /** Request headers that become attributes of the span and, if ambient, of metrics and log lines. @default the Letta map */
  contextHeaders?: Readonly<Record<string, string | ContextHeader>>
  /** Top-level fields of a JSON body to record as `http.request.body.<key>`. Never those that name a secret. @default none */
  captureBody?: readonly string[]
  /** Further query keys whose values are replaced by `REDACTED`, whatever their case. @default none beyond the built-in list */
  redactQuery?: readonly string[]
  /** Attribute names of server spans: the stable ones, Letta's instead where it has its own, or both. @default 'stable' */
  semantics?: 'stable' | 'letta' | 'both'
  /** Whether a finished request is an error; `error` is what was thrown, if anything. @default status ≥ 500 */
  isError?: (error: unknown, reply: FastifyReply) => boolean
  /** Answer what handlers and hooks throw with `{ detail, trace_id }`, unless the application sets an error handler of its own. @default false */
  errorReplies?: boolean
  /** Whether to continue a caller's trace. Untrusted requests start a new trace with a link to the caller's. @default true */
  trustIncoming?: boolean | ((request: FastifyRequest) => boolean)
  /** Temporality of counters and histograms. @default `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, `LETTA_OTEL_PREFERRED_TEMPORALITY` (1 delta, 2 cumulative), or 'delta' */
  temporality?: 'delta' | 'cumulative'
  /** Endpoints counted by `hist_endpoint_e2e_ms` and `count_endpoint_requests`; false for none. @default all */
  endpointMetrics?: false | EndpointMetricsOptions
  /** Correlation of log lines, the log file, and OTLP log records; false for none of them. @default {} */
  logs?: false | LogOptions
  /** What `app.telemetry.fetch`, `run()` and the like record of agents' work; false for nothing. @default {} */
  agents?: false | AgentOptions
  /**
   * Where agents' work is kept, and found again by `telemetryRoutes`: ClickHouse (`{ url }`, `{ url, cluster }`), or chDB in
   * this process (`{ path }`). True takes the server that `CLICKHOUSE_ENDPOINT` and the variables beside it name, and under
   * `NODE_ENV=test` none. What is kept while the server is away waits in `$LETTA_DIR/spool`. @default false
   */
  store?: boolean | StoreOptions
  /** An SDK sampler. @default `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`, or parent-based always on */
  sampler?: Sampler
  /** Requests to export although they were not sampled. @default none */
  keep?: false | KeepOptions
  /** Further resource attributes; they win over all others. @default {} */
  resourceAttributes?: Attributes
  /** Further instrumentations to start, beside outgoing `http` and `fetch`; false for none at all. @default [] */
  instrumentations?: false | readonly Instrumentation[]
  /** Milliseconds that closing the application may wait for telemetry to leave. @default 2,000 */
  shutdownTimeoutMs?: number
}

/** Per-route telemetry, as `config.telemetry` of a route; `false` is the same as excluding the route. */
export interface RouteTelemetryOptions {
  /** Open a server span. @default true */
  trace?: boolean
  /** Record the duration in metrics. @default true */
  metrics?: boolean
  /**
   * Of the traces that begin with a request to this route, the share to sample, from 0 to 1, decided by the trace id. A
   * request whose caller has decided follows the caller.
   * @default what the sampler of the process decides
   */
  sampleRatio?: number
}
