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
  if ('code' in metrics || metrics.status !== 200) {
    const { meaning, advice } = 'code' in metrics ? explain(metrics.code) : { meaning: `answered ${metrics.status}`, advice: 'correct the address of the metrics' }
    // Somebody else's endpoint has no such port, and does not have to.
    return inspection.areMetricsNamed ? failure(`${metrics.url} ${meaning}`, advice) : skipped(`${metrics.url} ${meaning}`)
  }
  const { fullestQueue, refused, sendFailed, enqueueFailed } = metrics.content
  const counted = `since it started: ${count(refused)} refused, ${count(sendFailed)} not taken by a back end, ${count(enqueueFailed)} without room in a queue`
  const filled = fullestQueue === undefined ? 0 : fullestQueue.size / fullestQueue.capacity
  const queue = fullestQueue === undefined ? 'no queues' : `the fullest queue, ${fullestQueue.exporter}, is ${share(filled)} full`
  const found = `${queue}; ${counted}`
  if (filled >= 1) return failure(found, 'bring the back end back: what comes now is refused')
  if (filled > FILLED) return warning(found, 'the back end does not keep up: look at it before the queue is full')
  if (sendFailed + enqueueFailed > 0) return warning(found, 'these are lost: look at the log of the collector for the reason')
  return refused > 0 ? warning(found, 'it was short of memory: clients sent these again, or gave them up; give it more memory') : ok(found)
}

/** A queue of a gigabyte is hardly ever quite empty. */
function share (filled: number): string {
  return filled > 0 && filled < 0.001 ? 'less than 0.1 %' : formatValue('ratio', filled)
}

function count (value: number): string {
  return formatValue('count', value)
}
