import { decodeRow } from './decode-row.ts'
import type { Engine } from './engine.ts'
import type { JobRow, ProviderTracePayloadRow, ProviderTraceRow, RowReader, RunRow, RunTrace, StepRow } from './rows.ts'

/** Calls of one step where nobody says how many. */
const CALLS_MAX = 100

const STORED_TIMES = 'toUnixTimestamp64Milli(created_at) AS created_at, toUnixTimestamp64Milli(updated_at) AS updated_at'

const RUN = `
SELECT * REPLACE (toUnixTimestamp64Nano(run_start_ns) AS run_start_ns, ${STORED_TIMES})
FROM run_metrics FINAL
PREWHERE organization_id = {organization:String} AND id = {id:String}
WHERE is_deleted = 0
LIMIT 1`

const STEPS = `
SELECT * REPLACE (
  toUnixTimestamp64Nano(step_start_ns) AS step_start_ns, toUnixTimestamp64Nano(llm_request_start_ns) AS llm_request_start_ns, ${STORED_TIMES}
)
FROM step_metrics FINAL`

const STEP = `${STEPS}
PREWHERE organization_id = {organization:String} AND id = {id:String}
WHERE is_deleted = 0
LIMIT 1`

const STEPS_OF_RUN = `${STEPS}
PREWHERE organization_id = {organization:String} AND run_id = {id:String}
WHERE is_deleted = 0
ORDER BY step_start_ns, id
LIMIT {limit:UInt32}`

const CALLS = `
SELECT * REPLACE (toUnixTimestamp64Nano(request_start_ns) AS request_start_ns, ${STORED_TIMES})
FROM provider_traces FINAL`

const FIRST_CALLS = `
WHERE is_deleted = 0
ORDER BY request_start_ns, id
LIMIT {limit:UInt32}`

const CALLS_OF_STEP = `${CALLS}
PREWHERE organization_id = {organization:String} AND step_id = {id:String}${FIRST_CALLS}`

const LAST_CALL_OF_STEP = `${CALLS}
PREWHERE organization_id = {organization:String} AND step_id = {id:String}
WHERE is_deleted = 0
ORDER BY request_start_ns DESC, id DESC
LIMIT {limit:UInt32}`

const CALLS_OF_RUN = `${CALLS}
PREWHERE organization_id = {organization:String} AND run_id = {id:String}${FIRST_CALLS}`

const PAYLOADS = `
SELECT * REPLACE (toUnixTimestamp64Milli(created_at) AS created_at)
FROM provider_trace_payloads FINAL
PREWHERE organization_id = {organization:String} AND step_id = {id:String}
WHERE has({ids:Array(String)}, id)`

const JOB = `
SELECT id, organization_id, ttft_ns, total_duration_ns, ${STORED_TIMES}
FROM jobs
WHERE organization_id = {organization:String} AND id = {id:String} AND is_deleted = 0`

type CallWithPayload = ProviderTraceRow & Partial<ProviderTracePayloadRow>

/** What {@link decodeRow} makes of a row. */
type StoredRow = Record<string, unknown>

/** Finds rows again, each question within one organization. */
export class StoreReader implements RowReader {
  readonly #query: Engine['query']

  /** @param query that of an engine */
  constructor (query: Engine['query']) {
    this.#query = query
  }

  async runMetrics (organizationId: string, runId: string): Promise<RunRow | undefined> {
    return await this.#one<RunRow>(RUN, organizationId, runId)
  }

  async stepMetrics (organizationId: string, stepId: string): Promise<StepRow | undefined> {
    return await this.#one<StepRow>(STEP, organizationId, stepId)
  }

  async job (organizationId: string, jobId: string): Promise<JobRow | undefined> {
    return await this.#one<JobRow>(JOB, organizationId, jobId)
  }

  async traceOfRun (organizationId: string, runId: string, limit: number): Promise<RunTrace | undefined> {
    const run = await this.runMetrics(organizationId, runId)
    if (run === undefined) return undefined
    const scope = { organization: organizationId, id: runId, limit }
    const [steps, calls] = await Promise.all([this.#query<StoredRow>(STEPS_OF_RUN, scope), this.#query<StoredRow>(CALLS_OF_RUN, scope)])
    return { run, steps: steps.map(step => decodeRow(step)), provider_traces: calls.map(call => decodeRow(call)) }
  }

  async providerTracesOfStep (organizationId: string, stepId: string, limit = CALLS_MAX): Promise<CallWithPayload[]> {
    return await this.#calls(CALLS_OF_STEP, organizationId, stepId, limit)
  }

  async lastProviderTraceOfStep (organizationId: string, stepId: string): Promise<CallWithPayload | undefined> {
    const [last] = await this.#calls(LAST_CALL_OF_STEP, organizationId, stepId, 1)
    return last
  }

  async #calls (sql: string, organizationId: string, stepId: string, limit: number): Promise<CallWithPayload[]> {
    // Calls outside a step have no id of one: they would all be found together.
    if (stepId === '') return []
    const scope = { organization: organizationId, id: stepId }
    const calls = await this.#query<StoredRow>(sql, { ...scope, limit })
    if (calls.length === 0) return []
    const payloads = await this.#query<StoredRow>(PAYLOADS, { ...scope, ids: calls.map(({ id }) => id) })
    const payloadById = new Map(payloads.map(payload => [payload['id'], payload]))
    return calls.map(call => decodeRow({ ...payloadById.get(call['id']), ...call }))
  }

  async #one<Row> (sql: string, organization: string, id: string): Promise<Row | undefined> {
    const [row] = await this.#query<StoredRow>(sql, { organization, id })
    return row && decodeRow<Row>(row)
  }
}
