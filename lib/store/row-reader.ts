import { decodeRow } from './decode-row.ts'
import type { Engine } from './engine.ts'
import type { FoundCall, JobRow, ReadOptions, RowReader, RunRow, RunTrace, StepRow } from './rows.ts'

/** Calls of one step where nobody says how many. */
const CALLS_MAX = 100

/** Bytes of payloads in one answer where nobody says how many. */
const PAYLOAD_BYTES = 32 * 1024 * 1024

/** No answer is larger, whatever its rows hold: the engine refuses it. */
const RESULT_BYTES_MAX = 256 * 1024 * 1024

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

/** Of the last calls, as far as they fit: the others come without. */
const PAYLOADS = `
SELECT * EXCEPT fits REPLACE (
  toUnixTimestamp64Milli(created_at) AS created_at, if(fits, request_json, '') AS request_json, if(fits, response_json, '') AS response_json
), NOT fits AS payloads_omitted
FROM (
  SELECT *, sum(length(request_json) + length(response_json)) OVER (ORDER BY indexOf({ids:Array(String)}, id) DESC ROWS UNBOUNDED PRECEDING) <= {bytes:UInt64} AS fits
  FROM provider_trace_payloads FINAL
  PREWHERE organization_id = {organization:String} AND step_id = {id:String}
  WHERE has({ids:Array(String)}, id)
)`

const JOB = `
SELECT id, organization_id, ttft_ns, total_duration_ns, ${STORED_TIMES}
FROM jobs
WHERE organization_id = {organization:String} AND id = {id:String} AND is_deleted = 0`

/** What {@link decodeRow} makes of a row. */
type StoredRow = Record<string, unknown>

/** Finds rows again, each question within one organization. */
export class StoreReader implements RowReader {
  readonly #query: Engine['query']

  /** @param query that of an engine */
  constructor (query: Engine['query']) {
    this.#query = query
  }

  async runMetrics (organizationId: string, runId: string, options?: ReadOptions): Promise<RunRow | undefined> {
    return await this.#one<RunRow>(RUN, organizationId, runId, options)
  }

  async stepMetrics (organizationId: string, stepId: string, options?: ReadOptions): Promise<StepRow | undefined> {
    return await this.#one<StepRow>(STEP, organizationId, stepId, options)
  }

  async job (organizationId: string, jobId: string, options?: ReadOptions): Promise<JobRow | undefined> {
    return await this.#one<JobRow>(JOB, organizationId, jobId, options)
  }

  async traceOfRun (organizationId: string, runId: string, limit: number, options?: ReadOptions): Promise<RunTrace | undefined> {
    const run = await this.runMetrics(organizationId, runId, options)
    if (run === undefined) return undefined
    const scope = { organization: organizationId, id: runId, limit }
    const [steps, calls] = await Promise.all([this.#ask(STEPS_OF_RUN, scope, options), this.#ask(CALLS_OF_RUN, scope, options)])
    return { run, steps: steps.map(step => decodeRow(step)), provider_traces: calls.map(call => decodeRow(call)) }
  }

  async providerTracesOfStep (organizationId: string, stepId: string, limit = CALLS_MAX, options?: ReadOptions): Promise<FoundCall[]> {
    return await this.#calls(CALLS_OF_STEP, organizationId, stepId, limit, options)
  }

  async lastProviderTraceOfStep (organizationId: string, stepId: string, options?: ReadOptions): Promise<FoundCall | undefined> {
    const [last] = await this.#calls(LAST_CALL_OF_STEP, organizationId, stepId, 1, options)
    return last
  }

  async #calls (sql: string, organizationId: string, stepId: string, limit: number, options: ReadOptions = {}): Promise<FoundCall[]> {
    // Calls outside a step have no id of one: they would all be found together.
    if (stepId === '') return []
    const scope = { organization: organizationId, id: stepId }
    const calls = await this.#ask(sql, { ...scope, limit }, options)
    if (calls.length === 0) return []
    const { payloadBytes = PAYLOAD_BYTES } = options
    const payloads = await this.#ask(PAYLOADS, { ...scope, ids: calls.map(({ id }) => id), bytes: payloadBytes }, options)
    const payloadById = new Map(payloads.map(({ payloads_omitted: omitted, ...payload }) => [payload['id'], omitted === 1 ? { ...payload, payloads_omitted: true } : payload]))
    return calls.map(call => decodeRow({ ...payloadById.get(call['id']), ...call }))
  }

  async #one<Row> (sql: string, organization: string, id: string, options?: ReadOptions): Promise<Row | undefined> {
    const [row] = await this.#ask(sql, { organization, id }, options)
    return row && decodeRow<Row>(row)
  }

  async #ask (sql: string, params: Readonly<Record<string, unknown>>, { signal, timeoutMs }: ReadOptions = {}): Promise<StoredRow[]> {
    return await this.#query<StoredRow>(sql, params, {
      ...(signal !== undefined && { signal }),
      settings: { max_result_bytes: RESULT_BYTES_MAX, ...(timeoutMs !== undefined && { max_execution_time: Math.ceil(timeoutMs / 1_000) }) }
    })
  }
}
