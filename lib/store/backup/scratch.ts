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
 * another or whose time is over stay as long as `work` looks at the tables. Merges go on afterwards, whatever happened.
 */
export async function restoreAsMade<T> (engine: Engine, source: BackupSource, target: string, onProgress: OnProgress, work: (tables: string[]) => Promise<T>): Promise<T> {
  const statement = `RESTORE DATABASE ${quoteIdentifier(source.database)} AS ${quoteIdentifier(target)}${onCluster(engine)} FROM ${placeText(source.place, source.name)}`
  await runBackupStatement(engine, source.name, statement, { structure_only: '1' }, 'making tables', onProgress)
  const tables = await tablesOf(engine, target)
  try {
    await merges(engine, 'STOP', target, tables)
    await runBackupStatement(engine, source.name, statement, {}, 'restoring', onProgress)
    const result = await work(tables)
    await merges(engine, 'START', target, tables)
    return result
  } catch (problem) {
    // Of two failures the first one tells what is wrong.
    await merges(engine, 'START', target, tables).catch(() => {})
    throw problem
  }
}

async function merges (engine: Engine, what: 'STOP' | 'START', database: string, tables: readonly string[]): Promise<void> {
  for (const table of tables) await engine.command(`SYSTEM ${what} MERGES${onCluster(engine)} ${quoteIdentifier(database)}.${quoteIdentifier(table)}`)
}

export async function dropDatabase (engine: Engine, database: string): Promise<void> {
  await engine.command(`DROP DATABASE IF EXISTS ${quoteIdentifier(database)}${onCluster(engine)} SYNC`)
}

export async function dropTables (engine: Engine, database: string, tables: readonly string[]): Promise<void> {
  for (const name of tables) await engine.command(`DROP TABLE IF EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(name)}${onCluster(engine)} SYNC`)
}

/** Restores a backup into a scratch database for as long as `work` looks at it; one that a crash left behind goes first. */
export async function withRestored<T> (engine: Engine, source: BackupSource, onProgress: OnProgress, work: (scratch: string, tables: string[]) => Promise<T>): Promise<T> {
  const scratch = `${source.database}__verify__${source.name}`
  await dropDatabase(engine, scratch)
  try {
    return await restoreAsMade(engine, source, scratch, onProgress, async tables => await work(scratch, tables))
  } finally {
    await dropDatabase(engine, scratch)
  }
}
