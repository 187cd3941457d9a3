import type { Connection } from '../connect.ts'
import { explain } from '../connection-advice.ts'
import { failure, ok, skipped, together, warning, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

const DAY_MS = 86_400_000
const CERTIFICATE_DAYS_MIN = 14

/** Whether there is someone at the addresses that telemetry is sent to. */
export async function checkEndpoint (inspection: Inspection): Promise<Finding> {
  const { notSent } = inspection
  return notSent === undefined ? together((await inspection.connections()).map(judge)) : skipped(notSent)
}

function judge ({ origin, code, certificateEndsAt }: Connection): Finding {
  if (code !== undefined) {
    const { meaning, advice } = explain(code)
    return failure(`${origin} ${meaning}`, advice)
  }
  const days = certificateEndsAt === undefined ? Infinity : Math.floor((certificateEndsAt - Date.now()) / DAY_MS)
  const found = `${origin} takes connections`
  return days < CERTIFICATE_DAYS_MIN ? warning(`${found}; its certificate ends in ${days} days`, 'renew the certificate there') : ok(found)
}
