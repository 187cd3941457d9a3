import type { Rows } from './rows.ts'

/** Decimals of a second behind the point, by what the whole number counts. */
const NANOSECONDS = 9
const MILLISECONDS = 3

/** What JSON holds as it is. Longer texts are looked through by JSON.stringify faster. */
const PLAIN = /^[ !#-[\]-~]{0,200}$/

interface Column {
  /** The name and what follows it. */
  readonly start: string
  /** Gives nothing for what JSON leaves out. */
  readonly encode: (value: unknown) => string | undefined
}

/** Columns that are remembered. There are far fewer: a row with one that its table has not is refused. */
const COLUMNS_MAX = 1_000

/**
 * Writes rows column by column, as there are thousands of them a second: to make an object of each for JSON.stringify takes three
 * times as long.
 */
export class RowEncoder {
  readonly #columns = new Map<string, Column>()

  /**
   * A row as one line of JSONEachRow: times as decimal seconds, 64-bit integers as decimal strings. Half a character, as
   * shortening may leave one, becomes U+FFFD: ClickHouse refuses it.
   */
  encode<Table extends keyof Rows> (row: Rows[Table]): string {
    let line = ''
    const columns = row as unknown as Readonly<Record<string, unknown>>
    for (const name of Object.keys(columns)) {
      const { start, encode } = this.#columns.get(name) ?? this.#addColumn(name)
      const value = encode(columns[name])
      if (value !== undefined) line += (line === '' ? '{' : ',') + start + value
    }
    return line === '' ? '{}' : `${line}}`
  }

  #addColumn (name: string): Column {
    const column = { start: `${JSON.stringify(name)}:`, encode: encodingOf(name) }
    if (this.#columns.size < COLUMNS_MAX) this.#columns.set(name, column)
    return column
  }
}

function encodingOf (name: string): Column['encode'] {
  if (name.endsWith('_start_ns')) return value => seconds(value, NANOSECONDS)
  if (name === 'created_at' || name === 'updated_at') return value => seconds(value, MILLISECONDS)
  return encodeValue
}

function encodeValue (value: unknown): string | undefined {
  switch (typeof value) {
    case 'string': return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value.toWellFormed())
    case 'bigint': return `"${value}"`
    case 'number': return Number.isFinite(value) ? `${value}` : 'null'
    case 'boolean': return value ? 'true' : 'false'
    case 'object': if (value === null) return 'null'
  }
  return Array.isArray(value) ? `[${value.map(item => encodeValue(item) ?? 'null').join(',')}]` : JSON.stringify(value)
}

/** As DateTime64 reads them whatever the server's time zone. */
function seconds (value: unknown, decimals: number): string {
  if (value === null || value === undefined) return 'null'
  const digits = String(value).padStart(decimals + 1, '0')
  return `"${digits.slice(0, -decimals)}.${digits.slice(-decimals)}"`
}
