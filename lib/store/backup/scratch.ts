import type { Engine } from '../engine.ts'
import { onCluster } from './cluster-text.ts'
import { tablesOf } from './fingerprint.ts'
import type { BackupManifest } from './manifest.ts'
import { placeText } from './place.ts'
import { quoteIdentifier } from './quote-identifier.ts'
import { runBackupStatement, type OnProgress } from './run-statement.ts'

/** What says which backup is meant. */
export type BackupSource = Pick<BackupManifest, 'name' | 'database' | 'place'>

/**
 * Restores a backup into a database that has no rows, and keeps it as it was made: without merges, rows that replace one
 * another or whose time is over stay.
 *
 * @returns names of the tables whose merges stand still; `startMerges` lets them go on
 */
export async function restoreAsMade (engine: Engine, source: BackupSource, target: string, onProgress: OnProgress): Promise<string[]> {
  const statement = `RESTORE DATABASE ${quoteIdentifier(source.database)} AS ${quoteIdentifier(target)}${onCluster(engine)} FROM ${placeText(source.place, source.name)}`
  await runBackupStatement(engine, source.name, statement, { structure_only: '1' }, 'making tables', onProgress)
  const tables = await tablesOf(engine, target)
  for (const table of tables) await engine.command(`SYSTEM STOP MERGES${onCluster(engine)} ${quoteIdentifier(target)}.${quoteIdentifier(table)}`)
  await runBackupStatement(engine, source.name, statement, {}, 'restoring', onProgress)
  return tables
}

export async function startMerges (engine: Engine, database: string, tables: readonly string[]): Promise<void> {
  for (const table of tables) await engine.command(`SYSTEM START MERGES${onCluster(engine)} ${quoteIdentifier(database)}.${quoteIdentifier(table)}`)
}

export async function dropDatabase (engine: Engine, database: string): Promise<void> {
  await engine.command(`DROP DATABASE IF EXISTS ${quoteIdentifier(database)}${onCluster(engine)} SYNC`)
}

export async function dropTables (engine: Engine, database: string): Promise<void> {
  const tables = await engine.query<{ name: string }>("SELECT name FROM system.tables WHERE database = {database:String} AND name NOT LIKE '.inner%'", { database })
  for (const { name } of tables) await engine.command(`DROP TABLE IF EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(name)}${onCluster(engine)} SYNC`)
}

/** Restores a backup into a scratch database for as long as `work` looks at it; one that a crash left behind goes first. */
export async function withRestored<T> (engine: Engine, source: BackupSource, onProgress: OnProgress, work: (scratch: string, tables: string[]) => Promise<T>): Promise<T> {
  const scratch = `${source.database}__verify__${source.name}`
  await dropDatabase(engine, scratch)
  try {
    return await work(scratch, await restoreAsMade(engine, source, scratch, onProgress))
  } finally {
    await dropDatabase(engine, scratch)
  }
}
