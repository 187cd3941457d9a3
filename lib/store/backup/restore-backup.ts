import { LETTA_OTEL_STORE_BACKUP_FAILED } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import { tableNames } from '../migrate.ts'
import { everyShard } from './cluster-text.ts'
import type { BackupManifest } from './manifest.ts'
import type { OnProgress } from './run-statement.ts'
import { dropTables, restoreAsMade } from './scratch.ts'
import { compareTables, type TableComparison } from './verify-backup.ts'

/** Databases that ClickHouse keeps itself, or that everybody uses. */
const NOT_OURS: ReadonlySet<string> = new Set(['system', 'default', 'information_schema'])

/** Engines whose tables hold no rows of their own. */
const ROWLESS: ReadonlySet<string> = new Set(['View', 'MaterializedView', 'Distributed', 'Null'])

/**
 * Restores a backup into a database that does not exist or has no rows, and compares what is there then with what was
 * written down when it was made.
 *
 * @param target name of the database
 * @throws LETTA_OTEL_STORE_BACKUP_FAILED the database is none of ours, has rows or somebody else's tables, or the backup cannot be restored
 */
export async function restoreBackup (engine: Engine, manifest: BackupManifest, target: string, onProgress: OnProgress = () => {}): Promise<TableComparison[]> {
  await makeRoom(engine, manifest, target)
  return await restoreAsMade(engine, manifest, target, onProgress, async tables => await compareTables(engine, manifest, target, tables, onProgress))
}

/** Empty tables of the schema go: they may be of another version than those in the backup. The database stays: statements are asked in it. */
async function makeRoom (engine: Engine, { name, tables }: BackupManifest, target: string): Promise<void> {
  const refuse = (reason: string): Error => new LETTA_OTEL_STORE_BACKUP_FAILED(name, reason, 'restore into another database with --into, or empty this one')
  if (NOT_OURS.has(target.toLowerCase())) throw refuse(`database ${target} is not letta-otel's alone`)
  const known = new Set([...await tableNames(), ...tables.map(({ table }) => table)])
  const present = await engine.query<{ name: string, engine: string }>(
    'SELECT name, engine FROM system.tables WHERE database = {database:String} ORDER BY name', { database: target })
  for (const { name: table, engine: kind } of present) {
    if (!known.has(table)) throw refuse(`table ${table} of database ${target} is not letta-otel's`)
    if (ROWLESS.has(kind) || isBookkeeping(table)) continue
    const [found] = await engine.query<{ one: number }>(`SELECT 1 AS one FROM ${everyShard(engine, target, table)} LIMIT 1`)
    if (found !== undefined) throw refuse(`table ${table} of database ${target} has rows`)
  }
  await dropTables(engine, target, present.map(table => table.name))
}

/** Which migrations ran is known in a database that is empty otherwise. */
function isBookkeeping (table: string): boolean {
  return /^schema_migrations(?:_local)?$/.test(table)
}
