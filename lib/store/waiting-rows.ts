import { randomUUID } from 'node:crypto'
import type { RowBatch } from './row-batch.ts'

/** ClickHouse likes few large inserts; much larger ones only cost memory. */
const BATCH_ROWS = 10_000
const BATCH_BYTES = 2 * 1024 * 1024
/** What a table's rows take at first; doubled as more wait, until it is known how much comes at a time. */
const FIRST_BYTES = 64 * 1024
const NEWLINE = 10

/** One batch as it fills. Bytes outside the heap: a hundred thousand strings that wait would cost the collector long pauses. */
interface Filling {
  buffer: Buffer
  bytes: number
  rows: number
}

/** Rows of one table that wait to be written, the oldest first. */
export class WaitingRows {
  readonly table: string
  readonly #batches: Filling[] = []
  /** What the last batch came to: the next one will be like it, and need not grow. */
  #expectedBytes = FIRST_BYTES
  #returned: RowBatch | undefined

  constructor (table: string) {
    this.table = table
  }

  get isEmpty (): boolean {
    return this.#returned === undefined && this.#batches.length === 0
  }

  /** Whether there is no use in waiting for more. */
  get isFull (): boolean {
    const [oldest] = this.#batches
    return this.#returned !== undefined || this.#batches.length > 1 || (oldest !== undefined && isFull(oldest))
  }

  /** @param bytes of the line in UTF-8 */
  add (line: string, bytes: number): void {
    let last = this.#batches.at(-1)
    if (last === undefined || isFull(last) || last.bytes + bytes + 1 > BATCH_BYTES) {
      this.#batches.push(last = { buffer: Buffer.allocUnsafeSlow(Math.max(this.#expectedBytes, bytes + 1)), bytes: 0, rows: 0 })
    } else if (last.bytes + bytes + 1 > last.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(last.buffer.length * 2, last.bytes + bytes + 1), BATCH_BYTES))
      last.buffer.copy(larger, 0, 0, last.bytes)
      last.buffer = larger
    }
    last.bytes += last.buffer.write(line, last.bytes)
    last.buffer[last.bytes++] = NEWLINE
    last.rows += 1
  }

  /** Takes the oldest batch away, where there is any. */
  take (): RowBatch | undefined {
    const returned = this.#returned
    this.#returned = undefined
    if (returned !== undefined) return returned
    const oldest = this.#batches.shift()
    if (oldest !== undefined) this.#expectedBytes = Math.min(Math.max(oldest.bytes * 2, FIRST_BYTES), BATCH_BYTES)
    return oldest && { table: this.table, token: randomUUID(), body: oldest.buffer.subarray(0, oldest.bytes), rows: oldest.rows }
  }

  /** The batch that was taken last is the oldest again. Nobody else may have taken one meanwhile. */
  giveBack (batch: RowBatch): void {
    this.#returned = batch
  }
}

function isFull ({ bytes, rows }: Filling): boolean {
  return rows >= BATCH_ROWS || bytes >= BATCH_BYTES
}
