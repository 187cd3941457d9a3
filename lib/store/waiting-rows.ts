import { randomUUID } from 'node:crypto'
import type { RowBatch } from './row-batch.ts'

/** Enough for one insert: ClickHouse likes few large ones, and what joins and encodes the text must not hold the event loop. */
const BATCH_ROWS = 10_000
const BATCH_BYTES = 1024 * 1024

/** Rows of one table that wait to be written, the oldest first. */
export class WaitingRows {
  readonly table: string
  #lines: string[] = []
  #sizes: number[] = []
  #bytes = 0

  constructor (table: string) {
    this.table = table
  }

  get rows (): number {
    return this.#lines.length
  }

  /** Whether there is no use in waiting for more. */
  get isFull (): boolean {
    return this.#lines.length >= BATCH_ROWS || this.#bytes >= BATCH_BYTES
  }

  add (line: string, bytes: number): void {
    this.#lines.push(line)
    this.#sizes.push(bytes)
    this.#bytes += bytes
  }

  /** Takes one batch away, at least one row where there is any. */
  take (): { readonly batch: RowBatch, readonly bytes: number } | undefined {
    if (this.#lines.length === 0) return undefined
    let rows = 0
    let bytes = 0
    while (rows < this.#lines.length && rows < BATCH_ROWS && (rows === 0 || bytes + this.#sizes[rows]! <= BATCH_BYTES)) bytes += this.#sizes[rows++]!
    const lines = this.#lines.slice(0, rows)
    this.#lines = this.#lines.slice(rows)
    this.#sizes = this.#sizes.slice(rows)
    this.#bytes -= bytes
    return { batch: { table: this.table, token: randomUUID(), body: lines.join('\n'), rows }, bytes }
  }
}
