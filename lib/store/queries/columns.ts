import { isoOf } from './time.ts'

/** What the values of a column are, and how they come to the reader. */
interface ColumnTypes {
  text: string
  /** A whole number; exact up to 2⁵³. */
  count: number
  /** Any number; null where there is nothing to take it of. */
  number: number | null
  milliseconds: number | null
  bytes: number | null
  /** A part of 1. */
  ratio: number | null
  /** US dollars. */
  dollars: number | null
  /** ISO 8601 in UTC with nanoseconds; null where it has not happened. */
  time: string | null
  attributes: Readonly<Record<string, string>>
  /** What happened during a span. */
  events: ReadonlyArray<{ readonly time: string, readonly name: string, readonly attributes: Readonly<Record<string, string>> }>
  flag: boolean
}

export type ColumnKind = keyof ColumnTypes
/** The columns of a query's rows, in the order in which they are shown. */
export type Columns = Readonly<Record<string, ColumnKind>>
export type RowOf<C extends Columns> = { -readonly [Name in keyof C]: ColumnTypes[C[Name]] }

/** A row as it came over JSON: integers of 64 bits are text there. */
type RawRow = Readonly<Record<string, unknown>>

export function readRow<C extends Columns> (columns: C, row: RawRow): RowOf<C> {
  return Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, readValue(kind, row[name])])) as RowOf<C>
}

function readValue (kind: ColumnKind, value: unknown): unknown {
  switch (kind) {
    case 'text': return String(value ?? '')
    case 'flag': return Number(value) !== 0
    case 'count': return Number(value)
    case 'time': return value === null ? null : isoOf(BigInt(value as string))
    case 'attributes': return value
    case 'events': return (value as Array<[string, string, Record<string, string>]>)
      .map(([time, name, attributes]) => ({ time: isoOf(BigInt(time)), name, attributes }))
    default: return value === null ? null : Number(value)
  }
}
