import type { Engine } from '../engine.ts'
import { fingerprint } from './fingerprint.ts'
import type { BackupManifest, TableFingerprint } from './manifest.ts'
import type { OnProgress } from './run-statement.ts'
import { withRestored } from './scratch.ts'

/** What a backup held of a table when it was made, and what was found in it. */
export interface TableComparison {
  readonly table: string
  readonly expected_rows: number
  readonly found_rows: number
  /** Rows and checksum are the same. */
  readonly same: boolean
}

/**
 * Restores a backup into a scratch database, reads all of it, and compares it with what was written down when it was made.
 *
 * @throws LETTA_OTEL_STORE_BACKUP_FAILED it cannot be restored at all
 */
export async function verifyBackup (engine: Engine, manifest: BackupManifest, onProgress: OnProgress = () => {}): Promise<TableComparison[]> {
  return await withRestored(engine, manifest, onProgress, async (scratch, tables) => await compareTables(engine, manifest, scratch, tables, onProgress))
}

/** Compares each table of a backup, and each that is there beside them. */
export async function compareTables (engine: Engine, manifest: BackupManifest, database: string, tables: readonly string[], onProgress: OnProgress): Promise<TableComparison[]> {
  const expected = new Map(manifest.tables.map(table => [table.table, table]))
  const comparisons: TableComparison[] = []
  for (const table of [...new Set([...expected.keys(), ...tables])]) {
    onProgress(`reading ${table}`)
    const found: TableFingerprint | undefined = tables.includes(table) ? await fingerprint(engine, database, table) : undefined
    const made = expected.get(table)
    comparisons.push({
      table,
      expected_rows: made?.rows ?? 0,
      found_rows: found?.rows ?? 0,
      same: made !== undefined && made.rows === found?.rows && made.checksum === found.checksum
    })
  }
  return comparisons
}
