import { WaitingRows } from './waiting-rows.ts'
import type { RowBatch } from './row-batch.ts'

/** Writes, spools or counts a batch; rejects never. Says false when it was told to stop before. */
export type DeliverBatch = (batch: RowBatch) => Promise<boolean>

/** Milliseconds that the first row after a quiet time waits for others: a process may be killed before the interval is over. */
const FIRST_ROW_MS = 50

/** Brings rows of one table to the engine, one batch at a time. */
export class TableLane {
  readonly #waiting: WaitingRows
  readonly #intervalMs: number
  readonly #deliver: DeliverBatch
  readonly #onDone: (batch: RowBatch) => void
  #timer: NodeJS.Timeout | undefined
  #lastBatchAt = -Infinity
  #working: Promise<void> | undefined
  #inFlight: RowBatch | undefined
  #relieving: Promise<boolean> | undefined
  #added = 0
  #done = 0
  /** The number of the last row that somebody waits for. */
  #wantedUpTo = 0
  #stopped = false

  constructor (table: string, intervalMs: number, deliver: DeliverBatch, onDone: (batch: RowBatch) => void) {
    this.#waiting = new WaitingRows(table)
    this.#intervalMs = intervalMs
    this.#deliver = deliver
    this.#onDone = onDone
  }

  add (line: string, bytes: number): void {
    this.#waiting.add(line, bytes)
    this.#added += 1
    // What is under way looks for more by itself: waiting for it here would cost a promise a row.
    if (this.#working !== undefined) return
    if (this.#waiting.isFull) void this.#start()
    else this.#arm()
  }

  /** Resolves when what was added so far is done with, or the lane was stopped. */
  async flush (): Promise<void> {
    if (this.#done === this.#added) return
    this.#wantedUpTo = this.#added
    await this.#start()
    // A batch that is on its way elsewhere, or came back from there.
    while (this.#relieving !== undefined && !this.#stopped) {
      await this.#relieving
      if (this.#done < this.#wantedUpTo) await this.#start()
    }
  }

  /**
   * Gives the oldest batch that waits behind the one in flight to somebody else.
   *
   * @returns false when there is none, or it was not taken
   */
  async relieve (keep: (batch: RowBatch) => Promise<boolean>): Promise<boolean> {
    if (this.#inFlight === undefined || this.#stopped) return false
    const batch = this.#waiting.take()
    if (batch === undefined) return false
    this.#relieving = keep(batch)
    const isKept = await this.#relieving
    this.#relieving = undefined
    if (isKept) {
      this.#done += batch.rows
      this.#onDone(batch)
    } else {
      this.#waiting.giveBack(batch)
      this.#arm()
    }
    return isKept
  }

  /** Takes everything back that is not done with, what is being inserted first. Nothing happens here any more. */
  stop (): RowBatch[] {
    this.#stopped = true
    clearTimeout(this.#timer)
    const left = this.#inFlight === undefined ? [] : [this.#inFlight]
    for (let batch = this.#waiting.take(); batch !== undefined; batch = this.#waiting.take()) left.push(batch)
    return left
  }

  /** One batch an interval, and the first one soon. Unreferenced: rows alone keep no process alive, `close()` writes them. */
  #arm (): void {
    if (this.#timer !== undefined || this.#working !== undefined || this.#stopped) return
    const rest = this.#lastBatchAt + this.#intervalMs - performance.now()
    this.#timer = setTimeout(() => { void this.#start() }, Math.max(Math.min(FIRST_ROW_MS, this.#intervalMs), rest)).unref()
  }

  async #start (): Promise<void> {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
      if (!this.#waiting.isEmpty) this.#arm()
    })
    await this.#working
  }

  async #work (): Promise<void> {
    do {
      const batch = this.#inFlight = this.#waiting.take()
      if (batch === undefined) return
      this.#lastBatchAt = performance.now()
      if (!await this.#deliver(batch) || this.#stopped) return
      this.#inFlight = undefined
      this.#done += batch.rows
      this.#onDone(batch)
      // What came meanwhile and is little waits for more, unless somebody waits for it.
    } while (this.#waiting.isFull || this.#done < this.#wantedUpTo)
  }
}
