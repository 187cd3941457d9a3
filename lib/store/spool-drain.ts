import type { Patience } from './patience.ts'
import { insertBatch, type InsertRows } from './row-batch.ts'
import type { RowSpool } from './row-spool.ts'
import type { WriterCounts } from './writer-stats.ts'

/** How often to look whether another process left rows behind. */
const LOOK_MS = 10_000

/** Writes what waits on the disk, in its order, as soon as the engine takes it. */
export class SpoolDrain {
  readonly #spool: RowSpool
  readonly #insert: InsertRows
  readonly #patience: Patience
  readonly #counts: WriterCounts
  readonly #onProblem: (problem: string) => void
  readonly #looking: NodeJS.Timeout
  #working = false
  #stopped = false

  constructor (spool: RowSpool, insert: InsertRows, patience: Patience, counts: WriterCounts, onProblem: (problem: string) => void) {
    this.#spool = spool
    this.#insert = insert
    this.#patience = patience
    this.#counts = counts
    this.#onProblem = onProblem
    this.#looking = setInterval(() => { this.wake() }, LOOK_MS).unref()
  }

  /** There may be something to do. */
  wake (): void {
    if (this.#working || this.#stopped) return
    this.#working = true
    void this.#work().finally(() => { this.#working = false })
  }

  /** What is not acknowledged by now stays on the disk. */
  stop (): void {
    this.#stopped = true
    clearInterval(this.#looking)
  }

  async #work (): Promise<void> {
    for (;;) {
      await this.#patience.untilRetry()
      if (this.#stopped) return
      const found = await this.#spool.next()
      if (found === undefined || this.#stopped) return
      const { batch, rows, acknowledge } = found
      try {
        const { written, rejected, problem } = batch === undefined
          ? { written: 0, rejected: rows, problem: 'a record of the spool holds no rows of this version' }
          : await insertBatch(this.#insert, batch)
        this.#patience.worked()
        await acknowledge()
        this.#counts.written += written
        this.#counts.dropped.rejected += rejected
        if (problem !== undefined) this.#onProblem(problem)
      } catch (problem) {
        this.#patience.failed()
        this.#counts.failedInserts += 1
        this.#onProblem((problem as Error).message)
      }
    }
  }
}
