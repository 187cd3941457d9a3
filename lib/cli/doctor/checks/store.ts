import { failure, ok, skipped, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

/** Whether the store can be asked, or is in use as it should be. */
export async function checkStore (inspection: Inspection): Promise<Finding> {
  const view = await inspection.store()
  switch (view.state) {
    case 'none': return skipped(`there is no store: CLICKHOUSE_ENDPOINT is not set, and ${view.where} does not exist`)
    case 'busy': return ok(`${view.where} is in use by another process, as while a server runs`)
    case 'unavailable': return failure(`${view.where}: ${view.reason}`, view.advice)
    case 'open': return ok(view.version === undefined
      ? `${view.where} can be opened`
      : `${view.where} answers: ClickHouse ${view.version}, ${view.kind === 'cluster' ? 'a cluster' : 'one server'}`)
  }
}
