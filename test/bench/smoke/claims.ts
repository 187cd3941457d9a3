/** What each case claims to do: the smoke test holds it to this, so that nothing is fast because it does not work. */

export interface Claim {
  /** Spans of all the workload's requests, by workload; where it is not named, one trace a request has to do. */
  readonly spans: Readonly<Record<string, readonly string[]>>
  /** Whether `http.server.request.duration` arrives. */
  readonly metrics: boolean
  /** Whether pino's lines carry the ids of their trace. */
  readonly correlation: boolean
  /** Whether pino's lines arrive as OTLP log records. */
  readonly logs?: boolean
}

const READ = 'GET /v1/agents/:agent_id'
const MESSAGE = 'POST /v1/agents/:agent_id/messages'
const HANDLER = 'handler - fastify -> @fastify/otel'
const HOOK = 'preHandler - checkBody'

const EACH_ROUTE = {
  get: [READ],
  post: [MESSAGE],
  mix: ['GET', 'GET', 'GET /v1/jobs/:job_id', 'GET /v1/tools/:tool_id', READ, READ, READ, READ, READ, READ],
  stream: [`${READ}/stream`]
}

const LETTA: Claim = { spans: EACH_ROUTE, metrics: true, correlation: true }

export const CLAIMS: Readonly<Record<string, Claim>> = {
  bare: { spans: { get: [], post: [], mix: [], stream: [] }, metrics: false, correlation: false },
  fast: LETTA,
  'fast-logs': { ...LETTA, logs: true },
  'fast-sampled': { ...LETTA, spans: {} },
  'fast-unsampled': { ...LETTA, spans: { get: [], post: [], mix: [], stream: [] } },
  sdk: LETTA,
  'fastify-otel': { spans: { get: ['request'] }, metrics: false, correlation: false },
  'fastify-otel-http': { spans: { get: [READ, 'request'] }, metrics: true, correlation: false },
  'fastify-otel-hooks': { spans: { get: [HANDLER, 'request'] }, metrics: false, correlation: false },
  'fastify-otel-hooks-http': {
    spans: { get: [READ, HANDLER, 'request'], post: [MESSAGE, HANDLER, HOOK, 'request'] }, metrics: true, correlation: false
  },
  autotelic: { spans: { get: [READ], post: [MESSAGE] }, metrics: false, correlation: false },
  'dd-trace': { spans: { get: [`fastify.request: ${READ}`], post: [`fastify.request: ${MESSAGE}`] }, metrics: false, correlation: true }
}
