import { CHANNELS, type Channel } from './parcel.ts'
import { isFinal, type SendOutcome } from './retry-policy.ts'

/**
 * Why something was not delivered:
 * - `queue_full`: more waited than memory may hold
 * - `rejected`: the endpoint answered that it does not take it, in whole or in part, or the file could not be written
 * - `spool_full`: the oldest on the disk made room for newer
 * - `worker_crashed`: it was with a worker that ended unexpectedly
 * - `invalid`: it could not be made into a request, or nobody said where its signal goes
 * - `shutdown`: the carrier was closed before it left, and no disk could keep it
 */
export type DropReason = 'queue_full' | 'rejected' | 'spool_full' | 'worker_crashed' | 'invalid' | 'shutdown'

const DROP_REASONS: readonly DropReason[] = ['queue_full', 'rejected', 'spool_full', 'worker_crashed', 'invalid', 'shutdown']

/** Counts of one signal since the start, in spans, metric data points or log records; of the log file in bytes of lines. */
export interface SignalStats {
  /** Handed over and not dropped at once. */
  taken: number
  /** Acknowledged by the endpoint or written to the file, those that an earlier process had left on the disk included. */
  sent: number
  /** Sent again after an attempt that failed, once for every attempt. */
  retried: number
  /** Brought to the disk. */
  spooled: number
  dropped: Record<DropReason, number>
}

/** What became of everything. */
export interface CarrierStats {
  readonly signals: Readonly<Record<Channel, SignalStats>>
  /** Spans, metric data points, log records and bytes for the log file in memory, on the main thread and in the worker. */
  readonly waiting: Readonly<Record<Channel, number>>
  /** Bytes in memory, on the main thread and in the worker. */
  readonly waitingBytes: number
  /** Bytes on the disk. */
  readonly spoolBytes: number
  readonly workerCrashes: number
  /** Where it is sent from: a thread of its own, or the main thread where no worker can be loaded. */
  readonly thread: 'worker' | 'main'
}

export type SignalCounts = Record<Channel, SignalStats>

export function noCounts (): SignalCounts {
  return {
    traces: noSignalCounts(),
    metrics: noSignalCounts(),
    logs: noSignalCounts(),
    logFile: noSignalCounts()
  }
}

function noSignalCounts (): SignalStats {
  return {
    taken: 0,
    sent: 0,
    retried: 0,
    spooled: 0,
    dropped: { queue_full: 0, rejected: 0, spool_full: 0, worker_crashed: 0, invalid: 0, shutdown: 0 }
  }
}

/** The sums of several counts, as new objects. */
export function sumCounts (...all: ReadonlyArray<Readonly<SignalCounts>>): SignalCounts {
  const sum = noCounts()
  for (const signal of CHANNELS) {
    const to = sum[signal]
    for (const { [signal]: from } of all) {
      to.taken += from.taken
      to.sent += from.sent
      to.retried += from.retried
      to.spooled += from.spooled
      for (const reason of DROP_REASONS) to.dropped[reason] += from.dropped[reason]
    }
  }
  return sum
}

/** Everything that was dropped, for whatever reason. */
export function droppedCount (counts: Readonly<SignalCounts>): number {
  return CHANNELS.reduce((sum, channel) => sum + droppedOf(counts[channel]), 0)
}

export function droppedOf ({ dropped }: SignalStats): number {
  return DROP_REASONS.reduce((sum, reason) => sum + dropped[reason], 0)
}

/** Counts what one attempt to send so many came to. */
export function countOutcome (counts: SignalStats, outcome: SendOutcome, count: number): void {
  if (outcome.result === 'retryable') counts.retried += count
  if (!isFinal(outcome)) return
  const rejected = outcome.result === 'rejected' ? count : Math.min(outcome.rejected, count)
  counts.dropped.rejected += rejected
  counts.sent += count - rejected
}
