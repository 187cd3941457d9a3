/** One instrument: its name, unit (UCUM) and, for a histogram, the upper edges of its buckets. */
export interface InstrumentFacts {
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly boundaries?: number[]
}

/** OpenTelemetry semantic conventions; seconds. */
export const HTTP_SERVER_REQUEST_DURATION: InstrumentFacts = {
  name: 'http.server.request.duration',
  unit: 's',
  description: 'Duration of HTTP server requests.',
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
}

/**
 * Letta; milliseconds. Letta takes the SDK's default edges, which end at ten seconds; an agent's answer often takes
 * longer, so four edges follow them.
 */
export const ENDPOINT_E2E: InstrumentFacts = {
  name: 'hist_endpoint_e2e_ms',
  unit: 'ms',
  description: 'End-to-end duration of requests to an endpoint.',
  boundaries: [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000, 30_000, 60_000, 120_000, 300_000]
}

/** Letta; requests. */
export const ENDPOINT_REQUESTS: InstrumentFacts = {
  name: 'count_endpoint_requests',
  unit: '1',
  description: 'Requests to an endpoint.'
}

/** Attribute sets an instrument may hold; what comes after is one set with `otel.metric.overflow=true`. */
export const CARDINALITY_LIMIT = 2_000

/** Which measurements may become exemplars (OpenTelemetry SDK specification): those of sampled spans, all, or none. */
export type ExemplarFilter = 'trace_based' | 'always_on' | 'always_off'

/** Attributes of the two endpoint instruments. */
export const ATTR_ENDPOINT_PATH = 'endpoint_path'
export const ATTR_ENDPOINT_METHOD = 'method'
export const ATTR_ENDPOINT_STATUS_CODE = 'status_code'
/** `endpoint_path` of a request that matched no route. */
export const UNKNOWN_ENDPOINT = 'unknown'
