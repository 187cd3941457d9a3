import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { getContextAttributes } from '../ambient/context-attributes.ts'
import { LETTA_OTEL_INVALID_OPTION, LETTA_OTEL_NOT_FOUND, LETTA_OTEL_NO_ORGANIZATION, LETTA_OTEL_STORE_NO_ANSWER, describeValue } from '../errors.ts'
import type { ReadOptions, RowReader } from '../store/rows.ts'
import { ATTRIBUTE_OF_COLUMN } from '../vocabulary/generative-ai.ts'
import { NO_ROWS } from './no-rows.ts'
import {
  JOB_METRICS_SCHEMA, PROVIDER_TRACE_SCHEMA, RUN_METRICS_SCHEMA, RUN_TRACE_SCHEMA, STEP_METRICS_SCHEMA, STEP_TRACE_SCHEMA
} from './route-schemas.ts'
import { PAYLOADS_MAX, providerTraceViews, rowView } from './route-views.ts'

/** Under this name an application has the rows that its telemetry is read from. */
export const ROW_READER = Symbol('letta-otel rows')

/** Options of {@link telemetryRoutes}. */
export interface TelemetryRoutesOptions {
  /**
   * The organization whose telemetry a request may read; nothing where it may read none. A header can be sent by anybody:
   * where clients are not trusted, take it from their credentials.
   * @default the ambient attribute `organization.id`, which comes from the header `x-organization-id`
   */
  readonly organization?: (request: FastifyRequest) => string | undefined | Promise<string | undefined>
  /** Milliseconds that the store may take. @default 5,000 */
  readonly timeoutMs?: number
}

/** Steps, and provider traces, in one answer. */
const ROWS_MAX = 1_000

/** Provider traces of one step, which come with their payloads: the first ones. */
const STEP_CALLS_MAX = 100

/**
 * Routes by which clients read what was kept: `GET /v1/steps/:step_id/trace`, `/v1/telemetry/:step_id`,
 * `/v1/steps/:step_id/metrics`, `/v1/runs/:run_id/metrics`, `/v1/runs/:run_id/trace` and `/v1/jobs/:job_id/metrics`. What
 * belongs to another organization is not found. Register it after the plugin itself.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} at registration
 */
export async function telemetryRoutes (app: FastifyInstance, options: TelemetryRoutesOptions = {}): Promise<void> {
  const { organization = ambientOrganization, timeoutMs = 5_000 } = options
  if (typeof organization !== 'function') throw new LETTA_OTEL_INVALID_OPTION('organization', describeValue(organization), 'use a function')
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs >= 2 ** 31) {
    throw new LETTA_OTEL_INVALID_OPTION('timeoutMs', describeValue(timeoutMs), 'use a whole number of milliseconds from 1 to 2147483647')
  }
  const reader = (app as unknown as { [ROW_READER]?: RowReader })[ROW_READER] ?? NO_ROWS

  function get<Found> (path: string, schema: object, find: (organization: string, id: string, options: ReadOptions) => Promise<Found | undefined>, view: (found: Found) => unknown): void {
    // A prefix may have parameters of its own.
    const name = path.slice(path.indexOf(':') + 1).split('/')[0] as string
    app.get(path, { schema }, async (request, reply) => {
      const asker = await organization(request)
      if (asker === undefined || asker === '') throw new LETTA_OTEL_NO_ORGANIZATION()
      const id = (request.params as Record<string, string>)[name] as string
      const found = await inTime(async signal => await find(asker, id, { signal, timeoutMs, payloadBytes: PAYLOADS_MAX }), timeoutMs, reply)
      // Nobody waits for an answer, and nothing went wrong here.
      if (found === CLIENT_LEFT) return reply.hijack()
      if (found === undefined) throw new LETTA_OTEL_NOT_FOUND(id)
      return view(found)
    })
  }

  get('/v1/steps/:step_id/trace', STEP_TRACE_SCHEMA,
    async (organization, id, options) => {
      const traces = await reader.providerTracesOfStep(organization, id, STEP_CALLS_MAX + 1, options)
      return traces.length === 0 ? undefined : { id, traces }
    },
    ({ id, traces }) => ({ step_id: id, provider_traces: providerTraceViews(traces.slice(0, STEP_CALLS_MAX)), truncated: traces.length > STEP_CALLS_MAX }))
  get('/v1/telemetry/:step_id', PROVIDER_TRACE_SCHEMA,
    async (organization, id, options) => await reader.lastProviderTraceOfStep(organization, id, options),
    trace => providerTraceViews([trace])[0])
  get('/v1/steps/:step_id/metrics', STEP_METRICS_SCHEMA, async (organization, id, options) => await reader.stepMetrics(organization, id, options), rowView)
  get('/v1/runs/:run_id/metrics', RUN_METRICS_SCHEMA, async (organization, id, options) => await reader.runMetrics(organization, id, options), rowView)
  get('/v1/runs/:run_id/trace', RUN_TRACE_SCHEMA,
    async (organization, id, options) => await reader.traceOfRun(organization, id, ROWS_MAX, options),
    ({ run, steps, provider_traces: calls }) => ({
      run: rowView(run),
      steps: steps.slice(0, ROWS_MAX).map(rowView),
      provider_traces: calls.slice(0, ROWS_MAX).map(rowView),
      truncated: steps.length >= ROWS_MAX || calls.length >= ROWS_MAX
    }))
  get('/v1/jobs/:job_id/metrics', JOB_METRICS_SCHEMA, async (organization, id, options) => await reader.job(organization, id, options), rowView)
}

function ambientOrganization (): string | undefined {
  const organization = getContextAttributes()[ATTRIBUTE_OF_COLUMN.organization_id]
  return organization === undefined ? undefined : String(organization)
}

const CLIENT_LEFT = Symbol('the client left before it had its answer')

/**
 * Asks for as long as somebody waits for the answer, and at most `timeoutMs`. What a store says of its failure may name
 * hosts and users, which are no affair of a client's.
 */
async function inTime<Found> (ask: (signal: AbortSignal) => Promise<Found>, timeoutMs: number, { raw: response }: FastifyReply): Promise<Found | typeof CLIENT_LEFT> {
  // It may have left while somebody looked up who asks.
  if (response.closed) return CLIENT_LEFT
  const { promise: given, resolve, reject } = Promise.withResolvers<typeof CLIENT_LEFT>()
  const asking = new AbortController()
  const leave = (): void => {
    resolve(CLIENT_LEFT)
    asking.abort()
  }
  response.once('close', leave)
  const timer = setTimeout(() => {
    reject(new LETTA_OTEL_STORE_NO_ANSWER(`not within ${timeoutMs} ms`))
    asking.abort()
  }, timeoutMs)
  try {
    return await Promise.race([given, ask(asking.signal).catch(() => { throw new LETTA_OTEL_STORE_NO_ANSWER('it failed') })])
  } finally {
    clearTimeout(timer)
    response.off('close', leave)
  }
}
