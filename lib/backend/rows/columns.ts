import { ByteRun, type Growth } from './byte-run.ts'

/** Values of one column of a block, one after the other. */
export interface Column {
  /** As ClickHouse calls it. A table may have a narrower type, as LowCardinality: the engine converts. */
  readonly type: string
  readonly byteLength: number
  tellGrowth (growth: Growth): void
  mark (): void
  rollback (): void
  clear (): void
  /** The column as it stands in a block of the native format. */
  parts (): Uint8Array[]
}

/** Numbers, times and texts. */
export class PlainColumn extends ByteRun implements Column {
  readonly type: string

  constructor (type: string) {
    super()
    this.type = type
  }

  parts (): Uint8Array[] {
    return [this.written]
  }
}

/** Several values a row: arrays, and maps, whose keys and values are columns of their own. */
class RepeatedColumn implements Column {
  readonly type: string
  readonly #inner: readonly Column[]
  readonly #ends = new ByteRun()
  #count = 0
  #marked = 0

  constructor (type: string, inner: readonly Column[]) {
    this.type = type
    this.#inner = inner
  }

  /** Values that were written, of all rows. */
  get count (): number {
    return this.#count
  }

  /** Says that values of the row were written. */
  added (count = 1): void {
    this.#count += count
  }

  endRow (): void {
    this.#ends.uint64(this.#count, 0)
  }

  get byteLength (): number {
    return this.#inner.reduce((sum, { byteLength }) => sum + byteLength, this.#ends.byteLength)
  }

  tellGrowth (growth: Growth): void {
    for (const column of [this.#ends, ...this.#inner]) column.tellGrowth(growth)
  }

  mark (): void {
    this.#marked = this.#count
    this.#ends.mark()
    for (const column of this.#inner) column.mark()
  }

  rollback (): void {
    this.#count = this.#marked
    this.#ends.rollback()
    for (const column of this.#inner) column.rollback()
  }

  clear (): void {
    this.#count = 0
    this.#marked = 0
    this.#ends.clear()
    for (const column of this.#inner) column.clear()
  }

  parts (): Uint8Array[] {
    return [this.#ends.written, ...this.#inner.flatMap(column => column.parts())]
  }
}

/** `Array(…)`. */
export class ArrayColumn<Inner extends Column> extends RepeatedColumn {
  readonly values: Inner

  constructor (values: Inner) {
    super(`Array(${values.type})`, [values])
    this.values = values
  }
}

/** `Map(String, String)`: attributes. */
export class MapColumn extends RepeatedColumn {
  readonly keys: PlainColumn
  readonly values: PlainColumn

  constructor () {
    const keys = new PlainColumn('String')
    const values = new PlainColumn('String')
    super('Map(String, String)', [keys, values])
    this.keys = keys
    this.values = values
  }

  /** Adds a row with all that another map has. */
  addRowOf (other: MapColumn): void {
    this.keys.raw(other.keys.written)
    this.values.raw(other.values.written)
    this.added(other.count)
    this.endRow()
  }
}

export function text (): PlainColumn {
  return new PlainColumn('String')
}

/** Nanoseconds since the epoch, in 64 bits. */
export function time (): PlainColumn {
  return new PlainColumn('DateTime64(9)')
}
