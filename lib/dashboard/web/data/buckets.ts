import type { Row } from './client.ts'

/** Rows that stand for times, on an axis that has every time: those without a row have none. */
export interface Buckets {
  /** Seconds since the epoch. */
  readonly times: readonly number[]
  readonly rows: ReadonlyArray<Row | undefined>
}

/**
 * @param from @param to milliseconds since the epoch
 * @param seconds of each bucket; buckets start at whole multiples of it
 */
export function bucketsOf (rows: readonly Row[], from: number, to: number, seconds: number): Buckets {
  const byTime = new Map(rows.map(row => [Math.round(Date.parse(row['time'] as string) / 1_000), row]))
  const first = Math.floor(from / 1_000 / seconds) * seconds
  const count = Math.max(1, Math.ceil((to / 1_000 - first) / seconds))
  const times = Array.from({ length: count }, (_, index) => first + index * seconds)
  return { times, rows: times.map(time => byTime.get(time)) }
}

export function column (rows: Buckets['rows'], name: string, empty: number | null): Array<number | null> {
  return rows.map(row => row === undefined ? empty : row[name] as number | null)
}
