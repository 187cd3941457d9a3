import type { Rows } from './rows.ts'

/** Decimals of a second behind the point, by what the whole number counts. */
const NANOSECONDS = 9
const MILLISECONDS = 3

/**
 * A row as one line of JSONEachRow: times as decimal seconds, 64-bit integers as decimal
 * strings. Half a character, as shortening may leave one, becomes U+FFFD: ClickHouse refuses it.
 */
export function encodeRow<Table extends keyof Rows> (row: Rows[Table]): string {
  const columns: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) columns[name] = encodeColumn(name, value)
  return JSON.stringify(columns)
}

function encodeColumn (name: string, value: unknown): unknown {
  if (name.endsWith('_start_ns')) return seconds(value, NANOSECONDS)
  if (name === 'created_at' || name === 'updated_at') return seconds(value, MILLISECONDS)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return value.toWellFormed()
  return Array.isArray(value) ? value.map(item => encodeColumn('', item)) : value
}

/** As DateTime64 reads them whatever the server's time zone. */
function seconds (value: unknown, decimals: number): string | null {
  if (value === null || value === undefined) return null
  const digits = String(value).padStart(decimals + 1, '0')
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}
