import type { Signal } from '../../export/parcel.ts'

/** What became of spans, data points and log records since the start. */
export interface IngestFigures {
  /** Taken; they are in the tables, or will be in a moment. */
  readonly received: Readonly<Record<Signal, number>>
  /** Of which no row can be made, as those with a broken id. */
  readonly rejected: Readonly<Record<Signal, number>>
  /** Requests that were sent back with 429. */
  readonly refusedRequests: Readonly<Record<Signal, number>>
  /** Rows in the tables. */
  readonly written: number
  /** Rows that the engine did not take. */
  readonly lost: Readonly<Record<Signal, number>>
  /** Bytes of rows that wait for the engine. */
  readonly waitingBytes: number
  /** Milliseconds from the first row of the last insert until it could be found. */
  readonly lagMs: number
}

export class IngestStats {
  readonly #received = { traces: 0, metrics: 0, logs: 0 }
  readonly #rejected = { traces: 0, metrics: 0, logs: 0 }
  readonly #refusedRequests = { traces: 0, metrics: 0, logs: 0 }
  readonly #lost = { traces: 0, metrics: 0, logs: 0 }
  #written = 0
  #lagMs = 0

  received (signal: Signal, rows: number, rejected: number): void {
    this.#received[signal] += rows
    this.#rejected[signal] += rejected
  }

  refused (signal: Signal): void {
    this.#refusedRequests[signal] += 1
  }

  written (rows: number, milliseconds: number): void {
    this.#written += rows
    this.#lagMs = milliseconds
  }

  lost (signal: Signal, rows: number): void {
    this.#lost[signal] += rows
  }

  figures (waitingBytes: number): IngestFigures {
    return {
      received: { ...this.#received },
      rejected: { ...this.#rejected },
      refusedRequests: { ...this.#refusedRequests },
      written: this.#written,
      lost: { ...this.#lost },
      waitingBytes,
      lagMs: Math.round(this.#lagMs)
    }
  }
}
