import { droppedOf } from '../export/carrier-stats.ts'
import type { Carrier } from '../export/carrier.ts'
import { LogLineBatches } from '../export/log-line-batches.ts'
import { carrierStats, type EngineStats } from './telemetry-stats.ts'

/** Log lines on their way: with the engine's carrier, or, where the engine has none, with one of their own. */
export class LogExport {
  /** Takes lines that become log records. */
  readonly records: LogLineBatches
  /** Takes lines for the log file. */
  readonly file: LogLineBatches
  readonly #carrier: Carrier
  readonly #isOwn: boolean

  constructor (carrier: Carrier, isOwn: boolean) {
    this.#carrier = carrier
    this.#isOwn = isOwn
    this.records = new LogLineBatches(carrier)
    this.file = new LogLineBatches(carrier, 'logFile')
  }

  /** Figures of a carrier of their own; the engine tells those of its. */
  get stats (): EngineStats | undefined {
    return this.#isOwn ? carrierStats(this.#carrier.stats, { waiting: 0, invalid: 0 }) : undefined
  }

  get fileDroppedBytes (): number {
    return droppedOf(this.#carrier.stats.signals.logFile)
  }

  /** Never rejects. With the engine's carrier, flushing that one sends what is handed over here. */
  async flush (timeoutMs: number): Promise<boolean> {
    this.records.flush()
    this.file.flush()
    return !this.#isOwn || await this.#carrier.flush(timeoutMs)
  }

  /** Never rejects. */
  async close (timeoutMs: number): Promise<boolean> {
    this.records.flush()
    this.file.flush()
    return !this.#isOwn || await this.#carrier.close(timeoutMs)
  }
}
