import type { Engine } from '../engine.ts'
import { everyShard } from './cluster-text.ts'
import type { TableFingerprint } from './manifest.ts'

/** Tables of a database that hold rows themselves, by name. Views and distributed tables hold none. */
export async function tablesOf (engine: Engine, database: string): Promise<string[]> {
  const rows = await engine.query<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE \'%MergeTree\' ORDER BY name', { database })
  return rows.map(({ name }) => name)
}

/**
 * What a table holds now. Every byte of it is read, so that damaged files are found: their checksums are ClickHouse's own.
 * The engine's time for a query has to be enough for that.
 */
export async function fingerprint (engine: Engine, database: string, table: string): Promise<TableFingerprint> {
  // A hash of NULL is NULL, but that of a tuple with a NULL in it is not.
  const [found] = await engine.query<{ rows: string, checksum: string }>(
    `SELECT count() AS rows, toString(sum(cityHash64(tuple(*)))) AS checksum FROM ${everyShard(engine, database, table)}
      SETTINGS asterisk_include_materialized_columns = 1`)
  return { table, rows: Number(found!.rows), checksum: found!.checksum }
}
