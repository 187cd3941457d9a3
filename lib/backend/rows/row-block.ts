import { ByteRun, RowsTooLarge, type Growth } from './byte-run.ts'
import type { Column } from './columns.ts'

/** Of all columns together: the engine needs a multiple of it to insert them, and is allowed little memory. */
const MOST_BYTES = 256 * 1024 * 1024

/** Rows of one table, column by column, as the engine reads them fastest. */
export class RowBlock<Columns extends Readonly<Record<string, Column>> = Readonly<Record<string, Column>>> {
  readonly table: string
  readonly columns: Columns
  readonly #all: readonly Column[]
  readonly #growth: Growth = { grew: false }
  #rows = 0
  #marked = 0

  /** @param columns by name, which those of the table have too */
  constructor (table: string, columns: Columns) {
    this.table = table
    this.columns = columns
    this.#all = Object.values(columns)
    for (const column of this.#all) column.tellGrowth(this.#growth)
  }

  get rows (): number {
    return this.#rows
  }

  get byteLength (): number {
    return this.#all.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /**
   * Every column has a value more.
   *
   * @throws {RowsTooLarge} the block has more bytes than it may; it has to be rolled back
   */
  endRow (): void {
    this.#rows += 1
    // Between two times that columns grow, they have room for a few megabytes more.
    if (!this.#growth.grew) return
    this.#growth.grew = false
    if (this.byteLength > MOST_BYTES) throw new RowsTooLarge(MOST_BYTES)
  }

  /** Remembers what is whole; what comes after it can be taken back until the next mark. */
  mark (): void {
    this.#marked = this.#rows
    for (const column of this.#all) column.mark()
  }

  rollback (): void {
    this.#rows = this.#marked
    for (const column of this.#all) column.rollback()
  }

  clear (): void {
    this.#rows = 0
    this.#marked = 0
    for (const column of this.#all) column.clear()
  }

  /** A block of ClickHouse's native format, in parts that follow one another and share memory with the columns. */
  native (): Uint8Array[] {
    const head = new ByteRun()
    head.varint(this.#all.length)
    head.varint(this.#rows)
    const parts: Uint8Array[] = [head.written]
    for (const [name, column] of Object.entries(this.columns)) {
      const title = new ByteRun()
      title.text(name)
      title.text(column.type)
      parts.push(title.written, ...column.parts())
    }
    return parts
  }
}
