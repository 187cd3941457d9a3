import { failure, ok, skipped, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

const MIGRATE = 'run: letta-otel store migrate'

/** Whether the tables are those of this version. */
export async function checkSchema (inspection: Inspection): Promise<Finding> {
  const view = await inspection.store()
  switch (view.state) {
    case 'none': return skipped('there is no store')
    case 'busy': return skipped('another process has the store open')
    case 'unavailable': return skipped('the store cannot be asked')
    case 'open': break
  }
  const { database, schema } = view
  if (schema === undefined) return failure(`there is no database ${database}`, MIGRATE)
  const { present, known, pending } = schema
  if (present > known) return failure(`database ${database} has schema version ${present}, and this version knows ${known}`, 'upgrade letta-otel, or use another database')
  if (pending.length === 0) return ok(`database ${database} has schema version ${present}, the newest`)
  return failure(`database ${database} has schema version ${present} of ${known}: ${pending.map(({ name }) => name).join(', ')} are missing`, MIGRATE)
}
