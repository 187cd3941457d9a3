import { withinTime } from '../export/within-time.ts'
import { isAnswer } from './engine-error.ts'
import { Patience } from './patience.ts'
import { Problems } from './problems.ts'
import { insertBatch, type InsertRows, type RowBatch } from './row-batch.ts'
import { RowSpool } from './row-spool.ts'
import { SpoolDrain } from './spool-drain.ts'
import type { WriterSettings } from './store-options.ts'
import { TableLane } from './table-lane.ts'
import { Turns } from './turns.ts'
import { newCounts, type WriterStats } from './writer-stats.ts'

const END_OF_LINE = 1

/** Milliseconds of the shutdown that are kept for bringing to the disk what could not be written. */
const DISK_MS = 500

/**
 * Rows on their way into the engine, in batches and off the caller's time. What the engine cannot take now goes to the
 * disk, or waits in memory where there is none; memory and disk are bounded, and what does not fit is counted.
 */
export class BatchWriter {
  readonly #settings: WriterSettings
  readonly #insert: InsertRows
  readonly #spool: RowSpool | undefined
  readonly #drain: SpoolDrain | undefined
  readonly #lanes = new Map<string, TableLane>()
  /** A table takes one insert at a time, from memory or from the disk. */
  readonly #turns = new Map<string, Turns>()
  readonly #patience = new Patience()
  readonly #problems: Problems
  readonly #counts = newCounts()
  #rows = 0
  #bytes = 0
  #relief: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #ended = false

  private constructor (insert: InsertRows, settings: WriterSettings, problems: Problems, spool: RowSpool | undefined) {
    this.#settings = settings
    this.#insert = async batch => { await this.#turnsOf(batch.table).take(async () => { await insert(batch) }) }
    this.#problems = problems
    this.#spool = spool
    this.#drain = spool && new SpoolDrain(spool, this.#insert, this.#patience, this.#counts, problems)
  }

  /** What an earlier process left in the spool is written from now on. */
  static async open (insert: InsertRows, settings: WriterSettings, problems = new Problems(settings.onProblem)): Promise<BatchWriter> {
    const { spool } = settings
    const writer = new BatchWriter(insert, settings, problems, spool && await RowSpool.open({ ...spool, onProblem: problem => { problems.tell(problem) } }))
    writer.#drain?.wake()
    return writer
  }

  /** @param line one row of JSONEachRow, without its end of line */
  add (table: string, line: string): void {
    const bytes = Buffer.byteLength(line)
    const kept = bytes + END_OF_LINE
    const { maxRows, maxBytes } = this.#settings
    if (this.#closing !== undefined) {
      this.#counts.dropped.shutdown += 1
      return
    }
    if (this.#rows >= maxRows || this.#bytes + kept > maxBytes) {
      this.#counts.dropped.queue_full += 1
      this.#problems.tell(`rows of ${table} are lost: more than maxRows (${maxRows}) or maxBytes (${maxBytes}) wait to be written`)
      return
    }
    this.#rows += 1
    this.#bytes += kept
    this.#laneOf(table).add(line, bytes)
    if (this.#isCrowded && this.#relief === undefined) this.#relief = this.#relieve().finally(() => { this.#relief = undefined })
  }

  /** Whether so much waits that there might be no place for more before the engine takes it. */
  get #isCrowded (): boolean {
    const { maxRows, maxBytes } = this.#settings
    return this.#spool !== undefined && (this.#rows > maxRows / 2 || this.#bytes > maxBytes / 2)
  }

  /** Brings to the disk what waits behind an insert that takes its time. */
  async #relieve (): Promise<void> {
    for (const lane of this.#lanes.values()) {
      while (this.#isCrowded && await lane.relieve(async batch => await this.#keep(batch))) this.#drain?.wake()
    }
  }

  /** Counts a row that could not be turned into a line. */
  countInvalid (problem: unknown): void {
    this.#counts.dropped.invalid += 1
    this.#problems.tell(`a row cannot be written: ${(problem as Error).message}`)
  }

  /** Resolves when what was added so far is written, spooled or counted as lost: not before the engine is back where there is no spool. */
  async flush (): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(async lane => { await lane.flush() }))
  }

  get stats (): WriterStats {
    const { dropped, ...counts } = this.#counts
    return {
      ...counts,
      waiting: this.#rows,
      spoolBytes: this.#spool?.stats.bytes ?? 0,
      dropped: { ...dropped, spool_full: this.#spool?.stats.droppedItems ?? 0 }
    }
  }

  /** Writes what is left, or brings it to the disk, within the time that a shutdown may take. */
  async close (): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async #close (): Promise<void> {
    const { shutdownTimeoutMs } = this.#settings
    await withinTime(this.flush(), Math.max(shutdownTimeoutMs - DISK_MS, shutdownTimeoutMs / 2))
    this.#ended = true
    this.#patience.end()
    this.#drain?.stop()
    await this.#relief
    const left = [...this.#lanes.values()].flatMap(lane => lane.stop())
    for (const batch of left) {
      if (await this.#keep(batch)) continue
      this.#counts.dropped.shutdown += batch.rows
      this.#problems.tell(`rows of ${batch.table} are lost: the store was closed while the engine was away`)
    }
    this.#rows = 0
    this.#bytes = 0
    await this.#spool?.close()
  }

  #laneOf (table: string): TableLane {
    let lane = this.#lanes.get(table)
    if (lane === undefined) {
      lane = new TableLane(table, this.#settings.flushIntervalMs, async batch => await this.#deliver(batch), ({ rows, body }) => {
        this.#rows -= rows
        this.#bytes -= body.length
      })
      this.#lanes.set(table, lane)
    }
    return lane
  }

  #turnsOf (table: string): Turns {
    let turns = this.#turns.get(table)
    if (turns === undefined) this.#turns.set(table, turns = new Turns(1))
    return turns
  }

  async #deliver (batch: RowBatch): Promise<boolean> {
    for (;;) {
      // With a disk there is no need to try what failed a moment ago: the drain finds out when the engine is back.
      if (this.#spool === undefined || !this.#patience.isAway(batch.table)) {
        if (await this.#write(batch)) return true
      }
      if (this.#ended) return false
      if (await this.#keep(batch)) {
        this.#drain?.wake()
        return true
      }
      await this.#patience.untilRetry(batch.table)
      if (this.#ended) return false
    }
  }

  async #write (batch: RowBatch): Promise<boolean> {
    try {
      const { written, rejected, problem } = await insertBatch(this.#insert, batch)
      this.#patience.worked(batch.table)
      this.#problems.over(batch.table)
      if (this.#ended) return true
      this.#counts.written += written
      this.#counts.dropped.rejected += rejected
      if (problem !== undefined) this.#problems.tell(problem, batch.table)
      return true
    } catch (problem) {
      this.#patience.failed(batch.table, problem)
      this.#counts.failedInserts += 1
      this.#problems.tell((problem as Error).message, isAnswer(problem) ? batch.table : undefined)
      return false
    }
  }

  async #keep (batch: RowBatch): Promise<boolean> {
    if (this.#spool === undefined || !await this.#spool.append(batch)) return false
    this.#counts.spooled += batch.rows
    return true
  }
}
