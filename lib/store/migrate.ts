import { readdir, readFile } from 'node:fs/promises'
import { LETTA_OTEL_STORE_TOO_NEW } from '../errors.ts'
import type { Engine } from './engine.ts'
import { addMissingColumns } from './missing-columns.ts'
import { renderSql, type SqlTarget } from './sql-template.ts'

/** One step of the schema: a file `<version>-<name>.sql` of `migrations/`. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

/** Where a database's schema is. */
export interface SchemaStatus {
  /** Version of the last migration that was applied, 0 before the first. */
  readonly present: number
  /** Version that this code brings it to. */
  readonly known: number
  /** Migrations that are still to be applied. */
  readonly pending: readonly Pick<Migration, 'version' | 'name'>[]
}

export interface MigrateOptions extends Pick<SqlTarget, 'storagePolicy' | 'retention'> {
  readonly again?: boolean
}

/** Every server of a cluster has to know how far it is. */
export const SCHEMA_TABLE = `
CREATE TABLE IF NOT EXISTS {{table schema_migrations}} (
  version UInt32,
  name String,
  applied_at DateTime64(3) DEFAULT now64(3)
)
ENGINE = {{engine ReplacingMergeTree()}}
ORDER BY version;

{{distributed schema_migrations version}};
`
const MIGRATIONS = new URL('migrations/', import.meta.url)
const FILE = /^(\d+)-([a-z-]+)\.sql$/

/** All that there are, in their order. */
export async function readMigrations (): Promise<Migration[]> {
  const files = (await readdir(MIGRATIONS)).filter(file => FILE.test(file)).sort()
  return await Promise.all(files.map(async file => {
    const [, version = '', name = ''] = FILE.exec(file)!
    return { version: Number(version), name, sql: await readFile(new URL(file, MIGRATIONS), 'utf8') }
  }))
}

/** Names of all tables and views that the schema has, on one server or on a cluster. */
export async function tableNames (): Promise<Set<string>> {
  const sql = [SCHEMA_TABLE, ...(await readMigrations()).map(migration => migration.sql)].join('\n')
  return new Set([...sql.matchAll(/\{\{(?:table|view) (\w+)\}\}/g)].flatMap(([, name = '']) => [name, `${name}_local`]))
}

/** Reads only: nothing is made, also not what would remember versions. */
export async function schemaStatus (engine: Engine): Promise<SchemaStatus> {
  const migrations = await readMigrations()
  const applied = await appliedVersions(engine)
  return {
    present: Math.max(0, ...applied),
    known: migrations.at(-1)!.version,
    pending: migrations.filter(({ version }) => !applied.has(version)).map(({ version, name }) => ({ version, name }))
  }
}

/**
 * Brings the schema to the version of this code. Every statement does nothing where its work is done, so several
 * processes may do this at once, and one that died in the middle is continued by the next.
 *
 * @param again whether also what was applied before is done: tables that somebody dropped are there again
 * @throws {LETTA_OTEL_STORE_TOO_NEW} a newer version of letta-otel has been here; nothing was changed
 * @throws {LETTA_OTEL_STORE_STATEMENT_FAILED} the engine refused or cannot be reached
 */
export async function migrate (engine: Engine, { storagePolicy, retention, again = false }: MigrateOptions = {}): Promise<void> {
  const { database, cluster } = engine
  const target: SqlTarget = { database, cluster, storagePolicy, retention }
  const migrations = await readMigrations()
  const applied = await appliedVersions(engine)
  const known = migrations.at(-1)!.version
  const present = Math.max(0, ...applied)
  if (present > known) throw new LETTA_OTEL_STORE_TOO_NEW(database, present, known)
  const wasEmpty = await isEmpty(engine)
  if (applied.size === 0) await runAll(engine, SCHEMA_TABLE, target)
  for (const { version, name, sql } of migrations) {
    if (applied.has(version) && !again) continue
    await runAll(engine, sql, target)
    // What was made here has all its columns.
    if (!wasEmpty) for (const statement of await addMissingColumns(engine, sql)) await engine.command(statement)
    if (applied.has(version)) continue
    await engine.insert('schema_migrations', JSON.stringify({ version, name }), 1, { token: `migration-${version}` })
  }
}

async function runAll (engine: Engine, sql: string, target: SqlTarget): Promise<void> {
  for (const statement of renderSql(sql, target)) await engine.command(statement)
}

async function isEmpty (engine: Engine): Promise<boolean> {
  const [found] = await engine.query<{ name: string }>('SELECT name FROM system.tables WHERE database = {database:String} LIMIT 1', { database: engine.database })
  return found === undefined
}

async function appliedVersions (engine: Engine): Promise<Set<number>> {
  const [table] = await engine.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = {database:String} AND name = 'schema_migrations'", { database: engine.database })
  if (table === undefined) return new Set()
  const rows = await engine.query<{ version: number }>('SELECT DISTINCT version FROM schema_migrations')
  return new Set(rows.map(({ version }) => version))
}
