import type { SignalStats } from './carrier-stats.ts'
import type { OnProblem } from './carrier.ts'
import { lettaLines, type LineFormat } from './letta-line.ts'
import type { LogFileLines } from './parcel.ts'
import { RotatingFile } from './rotating-file.ts'

/** Letta's own log rotation. */
const LOG_ROTATION = { megabytes: 10, backups: 3 }

/** What the log file works with beside its path. */
export interface LogFileSettings {
  readonly format: LineFormat
  /** Bytes of memory in which lines may wait for a slow disk. */
  readonly maxWaitingBytes: number
  readonly counts: SignalStats
  /** Told what no longer waits: bytes of lines, and what they took of memory. */
  onRelease (count: number, bytes: number): void
  readonly onProblem: OnProblem
}

/** Writes lines of log to a rotating file, in the form of a Letta server's log. */
export class LogFile {
  readonly #settings: LogFileSettings
  readonly #file: RotatingFile
  #waitingBytes = 0

  constructor (path: string, settings: LogFileSettings) {
    this.#settings = settings
    this.#file = new RotatingFile(path, LOG_ROTATION, problem => {
      settings.onProblem(`log lines cannot be written to ${path}: ${problem.message}`)
    })
  }

  take ({ lines, count, bytes, dialect }: LogFileLines): void {
    const { format, maxWaitingBytes, counts, onRelease } = this.#settings
    // What telemetry needs of the memory is not for lines that a disk does not take.
    if (this.#waitingBytes + bytes > maxWaitingBytes) {
      counts.dropped.queue_full += count
      onRelease(count, bytes)
      return
    }
    const text = lettaLines(lines, format, dialect)
    this.#waitingBytes += bytes
    this.#file.write(text, written => {
      this.#waitingBytes -= bytes
      if (written) counts.sent += count
      else counts.dropped.rejected += count
      onRelease(count, bytes)
    })
  }

  /** Resolves when everything taken so far is with the operating system. */
  async flush (): Promise<void> {
    await this.#file.flush()
  }

  async close (): Promise<void> {
    await this.#file.close()
  }
}
