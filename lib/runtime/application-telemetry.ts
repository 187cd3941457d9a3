import { withinTime } from '../export/within-time.ts'
import { NOTHING_WRITTEN, type WriterStats } from '../store/writer-stats.ts'
import type { Runtime } from './runtime.ts'
import { mainThreadStats, type AgentStats, type TelemetryStats } from './telemetry-stats.ts'

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

/** What an application's telemetry has beside the runtime's: agents' work, and its rows. */
export interface AgentsBeside {
  /** Never rejects. */
  flush (): Promise<void>
  stats (): AgentStats
}

export function applicationTelemetry (runtime: Runtime, timeoutMs: number, agents: AgentsBeside, rows: () => WriterStats = () => NOTHING_WRITTEN): ApplicationTelemetry {
  return {
    async flush () {
      const [left, kept] = await Promise.all([runtime.flush(timeoutMs), withinTime(agents.flush(), timeoutMs)])
      return left && kept
    },
    stats: () => ({ ...runtime.stats, rows: rows(), agents: agents.stats() })
  }
}

/** `app.telemetry` where `OTEL_SDK_DISABLED` is set. */
export const NO_APPLICATION_TELEMETRY: ApplicationTelemetry = Object.freeze({
  flush: async () => true,
  stats: () => ({ ...mainThreadStats(), logFileDroppedBytes: 0, rows: NOTHING_WRITTEN, agents: { open: 0, abandoned: 0 } })
})
