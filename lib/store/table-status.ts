import type { Engine } from './engine.ts'
import { quoteName } from './sql-names.ts'

/** What one table takes, and from when to when its rows are. */
export interface TableStatus {
  /** Of a cluster, the name without `_local`. */
  readonly table: string
  readonly rows: number
  /** On the disk. */
  readonly bytes: number
  /** Before compression. */
  readonly raw_bytes: number
  /** Nanoseconds since the epoch; null without rows, and where rows have no time. */
  readonly oldest: bigint | null
  readonly newest: bigint | null
}

/** Columns that hold the own time of a row, the telling ones first. */
export const TIME_COLUMNS: readonly string[] = ['Timestamp', 'TimeUnix', 'Start', 'run_start_ns', 'step_start_ns', 'request_start_ns', 'minute', 'created_at', 'applied_at']

/** Every table that holds rows, by name. On a cluster, rows and bytes are those of all shards, of each the replica that answers. */
export async function tableStatus (engine: Engine): Promise<TableStatus[]> {
  const { database, cluster } = engine
  const parts = cluster === undefined ? 'system.parts' : `cluster(${quoteName(cluster)}, system.parts)`
  const tables = await engine.query<{ name: string, time: string, rows: string, bytes: string, raw: string }>(`
    SELECT tables.name AS name, anyLast(columns.time) AS time, sum(parts.rows) AS rows, sum(parts.bytes_on_disk) AS bytes, sum(parts.data_uncompressed_bytes) AS raw
    FROM (SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree') AS tables
    LEFT JOIN (
      SELECT table, argMin(name, indexOf({times:Array(String)}, name)) AS time FROM system.columns
      WHERE database = {database:String} AND has({times:Array(String)}, name) GROUP BY table
    ) AS columns ON columns.table = tables.name
    LEFT JOIN (
      SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes_on_disk, sum(data_uncompressed_bytes) AS data_uncompressed_bytes
      FROM ${parts} WHERE database = {database:String} AND active GROUP BY table
    ) AS parts ON parts.table = tables.name
    GROUP BY name
    ORDER BY name`, { database, times: TIME_COLUMNS })
  return await Promise.all(tables.map(async ({ name, time, rows, bytes, raw }) => {
    const table = cluster === undefined ? name : name.replace(/_local$/, '')
    const range = Number(rows) === 0 || time === '' ? undefined : await rangeOf(engine, table, time)
    return {
      table, rows: Number(rows), bytes: Number(bytes), raw_bytes: Number(raw), oldest: range?.oldest ?? null, newest: range?.newest ?? null
    }
  }))
}

async function rangeOf (engine: Engine, table: string, column: string): Promise<{ oldest: bigint, newest: bigint }> {
  const nanoseconds = (time: string): string => `toUnixTimestamp64Nano(toDateTime64(${time}(${quoteName(column)}), 9))`
  const [found] = await engine.query<{ oldest: string, newest: string }>(
    `SELECT ${nanoseconds('min')} AS oldest, ${nanoseconds('max')} AS newest FROM ${quoteName(engine.database)}.${quoteName(table)}`)
  return { oldest: BigInt(found!.oldest), newest: BigInt(found!.newest) }
}
