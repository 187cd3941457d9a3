import { Pause } from '../../export/pause.ts'
import { backoffMs } from '../../export/retry-policy.ts'
import { isRefusal } from '../../store/engine-error.ts'
import type { RowBlock } from '../rows/row-block.ts'
import type { BlockFile } from './block-files.ts'

/** Milliseconds that the first row of a block waits for others. */
const WAIT_MS = 100
/** A block this large waits for nothing. */
const FULL_BYTES = 16 * 1024 * 1024
/** Waits between attempts of one insert. */
const RETRY = { firstMs: 250, maxMs: 5_000 }

/** What a lane is given to work with. */
export interface LaneTools {
  write (block: RowBlock): Promise<BlockFile>
  insert (file: BlockFile): Promise<void>
  remove (file: BlockFile): Promise<void>
  /** Told of rows that are in the table, and how many milliseconds that took from the first of them on. */
  onWritten (rows: number, milliseconds: number): void
  /** Told of rows that the engine refused for good. */
  onLost (rows: number, problem: Error): void
  /** Told that an insert failed, and is tried again. */
  onTrouble (problem: Error): void
}

/** Rows on their way to one table: one block is filled while the other is inserted. */
export class TableLane<Block extends RowBlock> {
  readonly #tools: LaneTools
  #filling: Block
  #inserting: Block
  #insertingBytes = 0
  #since = 0
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> | undefined
  #pause: Pause | undefined
  #closing = false

  constructor (make: () => Block, tools: LaneTools) {
    this.#filling = make()
    this.#inserting = make()
    this.#tools = tools
  }

  /** The block to add rows to, between {@link RowBlock.mark} and {@link added}. */
  get block (): Block {
    return this.#filling
  }

  /** Bytes that are not in the table yet. */
  get waitingBytes (): number {
    return this.#filling.byteLength + this.#insertingBytes
  }

  /** Says that rows were added. */
  added (): void {
    if (this.#filling.rows === 0) return
    if (this.#since === 0) this.#since = performance.now()
    if (this.#work !== undefined) return
    if (this.#filling.byteLength >= FULL_BYTES) this.#start()
    else this.#timer ??= setTimeout(() => { this.#start() }, WAIT_MS)
  }

  /** Has the rows that were added inserted now, so that the next find an empty block; false where the other block is not empty yet. */
  begin (): boolean {
    if (this.#filling.rows > 0 && this.#work === undefined) this.#start()
    return this.#filling.rows === 0
  }

  #start (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#work ??= this.#insertAll().finally(() => {
      this.#work = undefined
      // A full block did not wait for this one.
      this.added()
    })
  }

  async #insertAll (): Promise<void> {
    const block = this.#filling
    const since = this.#since
    const { rows } = block
    this.#filling = this.#inserting
    this.#inserting = block
    this.#insertingBytes = block.byteLength
    this.#since = 0
    const file = await this.#insist(async () => await this.#tools.write(block))
    block.clear()
    if (file !== undefined) await this.#insertFile(file, rows, since)
    else this.#tools.onLost(rows, new Error('the disk cannot be written'))
    this.#insertingBytes = 0
  }

  async #insertFile (file: BlockFile, rows: number, since: number): Promise<void> {
    let refusal: Error | undefined
    const done = await this.#insist(async () => {
      try {
        await this.#tools.insert(file)
      } catch (problem) {
        if (!isRefusal(problem)) throw problem
        refusal = problem as Error
        await this.#tools.remove(file)
      }
      return true
    })
    if (refusal !== undefined) this.#tools.onLost(rows, refusal)
    // Where closing came first, the next process finds the file.
    else if (done === true) this.#tools.onWritten(rows, performance.now() - since)
  }

  /** Tries until it works; undefined when it did not before the end. */
  async #insist<T> (work: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 1; ; failures++) {
      try {
        return await work()
      } catch (problem) {
        if (this.#closing) return undefined
        this.#tools.onTrouble(problem as Error)
      }
      this.#pause = new Pause()
      await this.#pause.wait(backoffMs(failures, RETRY), false)
    }
  }

  /** Resolves when what was added so far is in the table. */
  async flush (): Promise<void> {
    await this.#work
    // A block that became full meanwhile is on its way already.
    if (this.#filling.rows > 0) this.#start()
    await this.#work
  }

  /** Inserts what is left, with one attempt. */
  async close (): Promise<void> {
    this.#closing = true
    this.#pause?.end()
    await this.flush()
    clearTimeout(this.#timer)
  }
}
