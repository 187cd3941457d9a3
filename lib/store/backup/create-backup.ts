import { LETTA_OTEL_STORE_BACKUP_FAILED } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import { onCluster } from './cluster-text.ts'
import { fingerprint, tablesOf } from './fingerprint.ts'
import { checkBackupName, listManifests, readManifest, writeManifest, type BackupManifest, type TableFingerprint } from './manifest.ts'
import { PartsWatch, partsOf } from './parts.ts'
import { placeText, type BackupPlace } from './place.ts'
import { quoteIdentifier } from './quote-identifier.ts'
import { runBackupStatement, type OnProgress } from './run-statement.ts'
import { withRestored, type BackupSource } from './scratch.ts'

export interface CreateBackupOptions {
  /** Where manifests are kept. */
  readonly directory: string
  readonly place: BackupPlace
  /** @default `<database>-<time>`, as `otel-20260131T235959Z` */
  readonly name?: string | undefined
  /** Only what changed since this backup, or since the newest of this database when `latest`. @default a full backup */
  readonly base?: string | undefined
  readonly onProgress?: OnProgress
}

export const LATEST = 'latest'

/**
 * Backs up the engine's database with ClickHouse's own BACKUP, and writes down what is in it.
 *
 * @throws LETTA_OTEL_STORE_BACKUP_FAILED
 */
export async function createBackup (engine: Engine, { directory, place, name, base, onProgress = () => {} }: CreateBackupOptions): Promise<BackupManifest> {
  const started = new Date()
  const chosen = name ?? `${engine.database}-${started.toISOString().replace(/[-:]|\.\d+/g, '')}`
  checkBackupName(chosen)
  const standsOn = base === undefined ? undefined : await baseOf(engine, directory, base)
  const tables = await tablesOf(engine, engine.database)
  const watch = await PartsWatch.start(engine)
  try {
    const bytes = await runBackupStatement(engine, chosen, `BACKUP DATABASE ${quoteIdentifier(engine.database)}${onCluster(engine)} TO ${placeText(place, chosen)}`,
      standsOn === undefined ? {} : { base_backup: placeText(standsOn.place, standsOn.name) }, 'backing up', onProgress)
    const manifest: BackupManifest = {
      format: 1,
      name: chosen,
      database: engine.database,
      place,
      base: standsOn?.name ?? null,
      started_at: started.toISOString(),
      finished_at: new Date().toISOString(),
      bytes,
      tables: await contentsOf(engine, { name: chosen, database: engine.database, place }, tables, watch, onProgress)
    }
    await writeManifest(directory, manifest)
    return manifest
  } finally {
    watch.stop()
  }
}

/**
 * What a backup that was just made should hold: what the tables hold. What was written or merged meanwhile makes a table
 * another than the one in the backup: there it has to be read. That alone would compare the backup with itself; that its
 * parts are the table's own does not.
 */
async function contentsOf (
  engine: Engine, source: BackupSource, tables: readonly string[], watch: PartsWatch, onProgress: OnProgress
): Promise<TableFingerprint[]> {
  const found = new Map<string, TableFingerprint>()
  for (const table of tables) {
    onProgress(`reading ${table}`)
    found.set(table, await fingerprint(engine, engine.database, table))
  }
  const seen = await watch.seen()
  const moved = tables.filter(table => seen.hasMoved(table))
  if (moved.length > 0) {
    await withRestored(engine, source, onProgress, async scratch => {
      const parts = await partsOf(engine, scratch)
      for (const table of moved) {
        if (!seen.areIn(table, parts.filter(part => part.isActive && part.table === table))) {
          throw new LETTA_OTEL_STORE_BACKUP_FAILED(source.name, `it does not hold what table ${table} held`, 'make another one')
        }
        found.set(table, await fingerprint(engine, scratch, table))
      }
    })
  }
  return [...found.values()]
}

async function baseOf (engine: Engine, directory: string, base: string): Promise<BackupManifest> {
  if (base !== LATEST) return await readManifest(directory, base)
  const newest = (await listManifests(directory)).find(({ database }) => database === engine.database)
  if (newest === undefined) throw new LETTA_OTEL_STORE_BACKUP_FAILED(base, `there is no backup of database ${engine.database} yet`, 'make a full one first')
  return newest
}
