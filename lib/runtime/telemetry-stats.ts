import type { CarrierStats, DropReason, SignalStats } from '../export/carrier-stats.ts'
import type { DroppedRows, WriterStats } from '../store/writer-stats.ts'

export type { DroppedRows, WriterStats }

/** Counts of what was lost, by reason. */
export interface DroppedCounts {
  /** More waited than memory may hold. */
  readonly queue_full: number
  /** The endpoint does not take it, in whole or in part, or the file could not be written. */
  readonly rejected: number
  /** It was on the disk and made room for newer. */
  readonly spool_full: number
  /** It was with the sending thread when that ended unexpectedly. */
  readonly worker_crashed: number
  /** It could not be written as OTLP. */
  readonly invalid: number
  /** Telemetry was closed before it left, and no disk could keep it. */
  readonly shutdown: number
  /** With the SDK's exporters, which name no reason: they gave up. */
  readonly export_failed: number
}

/** What became of one signal's telemetry since the runtime started: spans, metric data points or log records. */
export interface SignalTelemetryStats {
  /** Taken by the destination; what an earlier process had left on the disk counts when it is sent. */
  readonly exported: number
  /** Lost, for whatever reason: the sum of `dropped`. */
  readonly failed: number
  /** Recorded, in memory, and neither exported, lost nor on the disk. */
  readonly waiting: number
  /** Sent again after an attempt that failed, once for every attempt. */
  readonly retried: number
  /** Brought to the disk because the endpoint was away or slow. */
  readonly spooled: number
  readonly dropped: Readonly<DroppedCounts>
}

/** Figures of a runtime since it started, and of an application's store since that was opened. */
export interface TelemetryStats extends RuntimeStats {
  /** Rows of agents' work; all 0 without a store. */
  readonly rows: WriterStats
  readonly agents: AgentStats
}

/** Agents' work of one application. */
export interface AgentStats {
  /** Runs, steps, LLM calls and tools that have not ended. */
  readonly open: number
  /** Those that were ended as incomplete because too much was open. */
  readonly abandoned: number
}

export interface RuntimeStats {
  readonly spans: SignalTelemetryStats
  readonly metrics: SignalTelemetryStats
  readonly logs: SignalTelemetryStats
  /** Bytes of encoded telemetry that wait in memory to be sent. */
  readonly waitingBytes: number
  /** Bytes of telemetry on the disk that is still to be sent. */
  readonly spoolBytes: number
  /** How often the thread that sends ended unexpectedly and was started again. */
  readonly workerCrashes: number
  /** Which thread sends. */
  readonly thread: 'worker' | 'main'
  /** Bytes of log lines, as the logger wrote them, that did not reach the log file, for whatever reason. */
  readonly logFileDroppedBytes: number
}

/** The part of the figures that an engine knows. */
export type EngineStats = Omit<RuntimeStats, 'logFileDroppedBytes'>

const NOTHING_DROPPED: DroppedCounts = Object.freeze({
  queue_full: 0, rejected: 0, spool_full: 0, worker_crashed: 0, invalid: 0, shutdown: 0, export_failed: 0
})

/** Figures of a signal, of what is known about it. */
export function signalStats (
  known: Partial<Omit<SignalTelemetryStats, 'failed' | 'dropped'>> = {}, dropped: Partial<DroppedCounts> = {}
): SignalTelemetryStats {
  const all = { ...NOTHING_DROPPED, ...dropped }
  const failed = Object.values(all).reduce((sum, count) => sum + count, 0)
  return { exported: 0, failed, waiting: 0, retried: 0, spooled: 0, ...known, dropped: all }
}

/** Figures of an engine that sends from the main thread and keeps nothing on the disk. */
export function mainThreadStats (signals: Partial<Pick<EngineStats, 'spans' | 'metrics' | 'logs'>> = {}): EngineStats {
  return { spans: signalStats(), metrics: signalStats(), logs: signalStats(), waitingBytes: 0, spoolBytes: 0, workerCrashes: 0, thread: 'main', ...signals }
}

/**
 * Figures of an engine that has a carrier.
 *
 * @param recorder spans that the carrier does not know of: not handed over yet, and never encoded
 */
export function carrierStats (carrier: CarrierStats, recorder: { waiting: number, invalid: number }): EngineStats {
  const { signals: { traces, metrics, logs }, waiting, ...rest } = carrier
  const dropped: Record<DropReason, number> = { ...traces.dropped, invalid: traces.dropped.invalid + recorder.invalid }
  return {
    spans: carried({ ...traces, dropped }, waiting.traces + recorder.waiting),
    metrics: carried(metrics, waiting.metrics),
    logs: carried(logs, waiting.logs),
    ...rest
  }
}

/** Figures of an engine that leaves log records to a carrier beside it. */
export function withLogs (engine: EngineStats, beside: EngineStats): EngineStats {
  return {
    ...engine,
    logs: beside.logs,
    waitingBytes: engine.waitingBytes + beside.waitingBytes,
    spoolBytes: engine.spoolBytes + beside.spoolBytes,
    workerCrashes: engine.workerCrashes + beside.workerCrashes
  }
}

function carried ({ sent, retried, spooled, dropped }: SignalStats, waiting: number): SignalTelemetryStats {
  return signalStats({ exported: sent, waiting, retried, spooled }, dropped)
}
