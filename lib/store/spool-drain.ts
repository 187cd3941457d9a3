import { isAnswer } from './engine-error.ts'
import type { Patience } from './patience.ts'
import type { Problems } from './problems.ts'
import { insertBatch, type InsertRows, type RowBatch } from './row-batch.ts'
import type { RowSpool } from './row-spool.ts'
import type { WriterCounts } from './writer-stats.ts'

/** How often to look whether another process left rows behind. */
const LOOK_MS = 10_000

/** Failures of one batch, the engine being there, after which it goes behind all others: it may be alone with its trouble. */
const FAILURES_MAX = 3

/** Writes what waits on the disk, in its order, as soon as the engine takes it. */
export class SpoolDrain {
  readonly #spool: RowSpool
  readonly #insert: InsertRows
  readonly #patience: Patience
  readonly #counts: WriterCounts
  readonly #problems: Problems
  readonly #looking: NodeJS.Timeout
  /** Of the oldest batch, in succession. */
  #failures = 0
  #working = false
  #stopped = false

  constructor (spool: RowSpool, insert: InsertRows, patience: Patience, counts: WriterCounts, problems: Problems) {
    this.#spool = spool
    this.#insert = insert
    this.#patience = patience
    this.#counts = counts
    this.#problems = problems
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
      const found = await this.#spool.next()
      if (found === undefined || this.#stopped) return
      const { batch, rows, acknowledge } = found
      const table = batch?.table ?? ''
      if (this.#patience.isAway(table)) {
        // Another batch may be the oldest by then.
        await this.#patience.untilRetry(table)
        if (this.#stopped) return
        continue
      }
      try {
        const { written, rejected, problem } = batch === undefined
          ? { written: 0, rejected: rows, problem: 'a record of the spool holds no rows of this version' }
          : await insertBatch(this.#insert, batch)
        this.#patience.worked(table)
        this.#problems.over(table)
        this.#failures = 0
        await acknowledge()
        this.#counts.written += written
        this.#counts.dropped.rejected += rejected
        if (problem !== undefined) this.#problems.tell(problem, table)
      } catch (problem) {
        this.#patience.failed(table, problem)
        this.#counts.failedInserts += 1
        this.#problems.tell((problem as Error).message, isAnswer(problem) ? table : undefined)
        if (isAnswer(problem)) this.#failures += 1
        if (batch !== undefined && this.#failures >= FAILURES_MAX) await this.#setAside(batch, acknowledge)
      }
    }
  }

  /** With its token, so that it does not matter when both copies are written. */
  async #setAside (batch: RowBatch, acknowledge: () => Promise<void>): Promise<void> {
    this.#failures = 0
    if (this.#stopped || !await this.#spool.append(batch)) return
    await acknowledge()
    this.#counts.setAside += batch.rows
    this.#problems.tell(`rows of ${batch.table} that failed ${FAILURES_MAX} times wait behind all others`, batch.table)
  }
}
