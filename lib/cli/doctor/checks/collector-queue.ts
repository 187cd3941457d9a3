import { formatValue } from '../../format-value.ts'
import { explain } from '../connection-advice.ts'
import { failure, ok, skipped, warning, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

/** Share of an exporter's queue from which it does not keep up. */
const FILLED = 0.8

/** Whether the collector passes on what it takes, by its own figures. */
export async function checkCollectorQueue (inspection: Inspection): Promise<Finding> {
  const view = await inspection.collector()
  if (view === undefined) return skipped(inspection.notSent ?? 'nothing is sent')
  const { metrics } = view
  if ('code' in metrics) return skipped(`${metrics.url} ${explain(metrics.code).meaning}`)
  if (metrics.status !== 200) return skipped(`${metrics.url} answered ${metrics.status}`)
  const { fullestQueue, refused, sendFailed, enqueueFailed } = metrics.content
  const counted = `since it started: ${count(refused)} refused, ${count(sendFailed)} not taken by a back end, ${count(enqueueFailed)} without room in a queue`
  const queue = fullestQueue === undefined ? 'no queues' : `${fullestQueue.exporter}: ${count(fullestQueue.size)} of ${count(fullestQueue.capacity)} in the queue`
  const found = `${queue}; ${counted}`
  if (fullestQueue !== undefined && fullestQueue.size >= fullestQueue.capacity) return failure(found, 'bring the back end back: what comes now is refused')
  if (fullestQueue !== undefined && fullestQueue.size > FILLED * fullestQueue.capacity) return warning(found, 'the back end does not keep up: look at it before the queue is full')
  if (sendFailed + enqueueFailed > 0) return warning(found, 'these are lost: look at the log of the collector for the reason')
  return refused > 0 ? warning(found, 'it was short of memory: clients sent these again, or gave them up; give it more memory') : ok(found)
}

function count (value: number): string {
  return formatValue('count', value)
}
