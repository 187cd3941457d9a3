import { explain } from '../connection-advice.ts'
import { failure, ok, skipped, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

/** Whether a collector that answers where telemetry is sent says that it is well. */
export async function checkCollectorHealth (inspection: Inspection): Promise<Finding> {
  const view = await inspection.collector()
  if (view === undefined) return skipped(inspection.notSent ?? 'nothing is sent')
  const { health } = view
  if ('status' in health) {
    if (health.status === 200) return ok(`${health.url} says it is well`)
    return failure(`${health.url} answered ${health.status}: the collector is starting, stopping or cannot pass on what it takes`, 'look at the log of the collector')
  }
  const { meaning, advice } = explain(health.code)
  // Somebody else's endpoint has no such port, and does not have to.
  if (inspection.isHealthNamed || health.code === 'ETIMEDOUT') return failure(`${health.url} ${meaning}`, advice)
  return skipped(`${health.url} ${meaning}: what takes telemetry is no collector of letta-otel's, or none is running`)
}
