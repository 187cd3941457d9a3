import { decodeRow } from './decode-row.ts'
import type { Engine } from './engine.ts'
import { RowEncoder } from './row-encoder.ts'
import type { ProviderTraceRow } from './rows.ts'

const LIVE_ROW = `
SELECT * REPLACE (
  toUnixTimestamp64Nano(request_start_ns) AS request_start_ns,
  toUnixTimestamp64Milli(created_at) AS created_at, toUnixTimestamp64Milli(updated_at) AS updated_at
)
FROM provider_traces FINAL
PREWHERE organization_id = {organization:String} AND step_id = {step:String} AND id = {id:String}
WHERE is_deleted = 0
LIMIT 1`

/** Which LLM call, and whose. */
export interface ProviderTraceKey {
  readonly organizationId: string
  /** `''` for a call outside a step. */
  readonly stepId: string
  readonly id: string
}

/**
 * Deletes an LLM call that is in the store, and takes it away from the sums of `llm_minutes`: once, however often and by however
 * many it is deleted. What was said in it stays in `provider_trace_payloads` for as long as that is kept, and is found no more.
 *
 * @returns whether there was such a call
 * @throws {LETTA_OTEL_STORE_STATEMENT_FAILED} the engine refused or cannot be reached
 */
export async function deleteProviderTrace (engine: Engine, { organizationId, stepId, id }: ProviderTraceKey): Promise<boolean> {
  const [found] = await engine.query<Record<string, unknown>>(LIVE_ROW, { organization: organizationId, step: stepId, id })
  if (found === undefined) return false
  const row = decodeRow<ProviderTraceRow>(found)
  const deleted: ProviderTraceRow = { ...row, is_deleted: true, updated_at: Math.max(Date.now(), row.updated_at + 1) }
  // Whoever deletes the same version at the same time has the same token, and the engine takes one of them.
  await engine.insert('provider_traces', new RowEncoder().encode(deleted), 1, { token: `deleted-${id}-${row.updated_at}` })
  return true
}
