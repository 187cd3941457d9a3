import { LETTA_OTEL_STORE_BACKUP_FAILED } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import { tablesOf } from './fingerprint.ts'
import { everyShard } from './cluster-text.ts'
import type { BackupManifest } from './manifest.ts'
import type { OnProgress } from './run-statement.ts'
import { dropTables, restoreAsMade, startMerges } from './scratch.ts'
import { compareTables, type TableComparison } from './verify-backup.ts'

/**
 * Restores a backup into a database that does not exist or has no rows, and compares what is there then with what was
 * written down when it was made.
 *
 * @param target name of the database
 * @throws LETTA_OTEL_STORE_BACKUP_FAILED the database has rows, or the backup cannot be restored
 */
export async function restoreBackup (engine: Engine, manifest: BackupManifest, target: string, onProgress: OnProgress = () => {}): Promise<TableComparison[]> {
  await makeRoom(engine, manifest.name, target)
  const tables = await restoreAsMade(engine, manifest, target, onProgress)
  try {
    return await compareTables(engine, manifest, target, tables, onProgress)
  } finally {
    await startMerges(engine, target, tables)
  }
}

/** Empty tables go: they may be of another version than those in the backup. The database stays: statements are asked in it. */
async function makeRoom (engine: Engine, name: string, target: string): Promise<void> {
  for (const table of await tablesOf(engine, target)) {
    if (isBookkeeping(table)) continue
    const [found] = await engine.query<{ one: number }>(`SELECT 1 AS one FROM ${everyShard(engine, target, table)} LIMIT 1`)
    if (found !== undefined) {
      throw new LETTA_OTEL_STORE_BACKUP_FAILED(name, `table ${table} of database ${target} has rows`, 'restore into another database with --into, or empty this one')
    }
  }
  await dropTables(engine, target)
}

/** Which migrations ran is known in a database that is empty otherwise. */
function isBookkeeping (table: string): boolean {
  return /^schema_migrations(?:_local)?$/.test(table)
}
