import { withinTime } from '../export/within-time.ts'
import { NOTHING_WRITTEN, type WriterStats } from '../store/writer-stats.ts'
import type { Runtime } from './runtime.ts'
import { mainThreadStats, type TelemetryStats } from './telemetry-stats.ts'

/** An application's handle on its telemetry: `app.telemetry`. */
export interface ApplicationTelemetry {
  /**
   * Sends everything that was recorded so far, for as long as `shutdownTimeoutMs` allows. Never rejects.
   *
   * @returns whether everything left in time
   */
  flush (): Promise<boolean>
  /** What became of the telemetry of this process since it started, and of this application's rows in its store. */
  stats (): TelemetryStats
}

/** What an application's telemetry has beside the runtime's: rows of agents' work. */
export interface FlushedBeside {
  /** Never rejects. */
  flush (): Promise<void>
}

export function applicationTelemetry (runtime: Runtime, timeoutMs: number, beside?: FlushedBeside, rows: () => WriterStats = () => NOTHING_WRITTEN): ApplicationTelemetry {
  return {
    async flush () {
      const [left, kept] = await Promise.all([runtime.flush(timeoutMs), beside === undefined || withinTime(beside.flush(), timeoutMs)])
      return left && kept
    },
    stats: () => ({ ...runtime.stats, rows: rows() })
  }
}

/** `app.telemetry` where `OTEL_SDK_DISABLED` is set. */
export const NO_APPLICATION_TELEMETRY: ApplicationTelemetry = Object.freeze({
  flush: async () => true,
  stats: () => ({ ...mainThreadStats(), logFileDroppedBytes: 0, rows: NOTHING_WRITTEN })
})
