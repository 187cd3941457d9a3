import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LETTA_OTEL_STORE_UNAVAILABLE } from '../../errors.ts'
import type { Engine } from '../../store/engine.ts'

/**
 * What statements of this process may do. Nothing else: above all no source (file, url, s3, remote, …), no BACKUP, no dictionary
 * (one may run a program), no user and no named collection.
 */
const GRANTS = [
  'SELECT', 'INSERT', 'SHOW', 'CHECK', 'CREATE DATABASE', 'CREATE TABLE', 'CREATE VIEW', 'CREATE ARBITRARY TEMPORARY TABLE',
  'CREATE TEMPORARY VIEW', 'DROP DATABASE', 'DROP TABLE', 'DROP VIEW', 'UNDROP TABLE', 'TRUNCATE', 'OPTIMIZE', 'KILL QUERY',
  'ALTER UPDATE', 'ALTER DELETE', 'ALTER COLUMN', 'ALTER MODIFY COMMENT', 'ALTER INDEX', 'ALTER STATISTICS', 'ALTER PROJECTION',
  'ALTER CONSTRAINT', 'ALTER TTL', 'ALTER MATERIALIZE TTL', 'ALTER SETTINGS', 'ALTER VIEW', 'SYSTEM MERGES', 'SYSTEM VIEWS', 'SYSTEM FLUSH'
]

/** The engine's own databases: without a table of theirs, no statement of anybody would run until the next start. */
const ENGINES_OWN = ['system', 'information_schema', 'INFORMATION_SCHEMA']
/** What statements of this process may do to these. */
const READING = ['SELECT', 'SHOW', 'CHECK']

/** Settings that name a file or an address, or change the language; nobody may change them. */
const FIXED_SETTINGS = [
  'dialect', 'format_avro_schema_registry_url', 'format_schema', 'format_schema_source', 'format_template_resultset', 'format_template_row',
  'input_format_record_errors_file_path', 'merge_tree_disk', 'merge_tree_storage_policy', 'output_format_schema', 'rename_files_after_processing'
]

/** Bytes of an answer to a client, and of its columns. */
export const ANSWER_MAX = 256 * 1024 * 1024

/** What ends a statement of a client: it may ask for less of these, neither for more nor for no end. */
export const CLIENT_LIMITS: Readonly<Record<string, { readonly least: number, readonly most: number }>> = {
  /** Seconds: nothing can stop a query that its client has left. */
  max_execution_time: { least: 0.001, most: 300 },
  /** Bytes of columns: an answer is whole in memory before its first byte is sent. */
  max_result_bytes: { least: 1, most: ANSWER_MAX }
}

/** In what the engine says when the function `file` is called. */
export const FILE_REFUSED = 'files of this machine are not read'

/**
 * The function needs no privilege. One of the same name that users defined comes before the engine's own: it cannot be made by a
 * statement, but is taken from here, where the engine keeps them, and no statement can remove it.
 */
const FILE_FUNCTION = `CREATE FUNCTION file AS path -> throwIf(1, '${FILE_REFUSED}')\n`

const CONSTRAINTS = [
  ...FIXED_SETTINGS.map(name => `<${name}><const/></${name}>`),
  ...Object.entries(CLIENT_LIMITS).map(([name, { least, most }]) => `<${name}><min>${least}</min><max>${most}</max></${name}>`)
].join('')

const REVOKED = ENGINES_OWN.map(name => `<query>REVOKE ALL ON ${name}.*</query><query>GRANT ${READING.join(', ')} ON ${name}.*</query>`).join('') +
  // Connections begin in it: without it there are none until the next start.
  '<query>REVOKE DROP DATABASE ON default.*</query>'

/** Formatting on several threads has hundreds of megabytes in memory where rows are large, and is slower there. */
const SETTINGS = '<output_format_parallel_formatting>0</output_format_parallel_formatting>'

const USERS = `<clickhouse>
  <profiles><default>${SETTINGS}<constraints>${CONSTRAINTS}</constraints></default></profiles>
  <users><default>
    <password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
    <grants><query>GRANT ${GRANTS.join(', ')} ON *.*</query>${REVOKED}</grants>
  </default></users>
  <quotas><default/></quotas>
</clickhouse>
`

/**
 * Arguments with which the embedded engine reads and writes nothing but its own directory, whoever asks: it is made for command
 * lines, where files are everywhere. It takes permissions from files only, which are written into the directory.
 */
export async function restrictedEngineArguments (directory: string): Promise<string[]> {
  const path = resolve(directory)
  const [config, users, functions] = [join(path, '.backend.xml'), join(path, '.backend-users.xml'), join(path, 'user_defined')]
  await mkdir(functions, { recursive: true, mode: 0o700 })
  await writeFile(join(functions, 'function_file.sql'), FILE_FUNCTION, { mode: 0o600 })
  await writeFile(users, USERS, { mode: 0o600 })
  await writeFile(config, `<clickhouse><users_config>${escapeXml(users)}</users_config></clickhouse>\n`, { mode: 0o600 })
  return [`--config-file=${config}`]
}

/**
 * Makes sure of it: the arguments of whoever opened a directory first in a process count for all.
 *
 * @throws {LETTA_OTEL_STORE_UNAVAILABLE} the engine would read files
 */
export async function checkRestricted (engine: Pick<Engine, 'query'>, path: string): Promise<void> {
  const refusals = [
    await refusalOf(engine, "SELECT file('/dev/null')"),
    await refusalOf(engine, "SELECT * FROM file('/dev/null', LineAsString, 'line String')")
  ]
  if (refusals[0]?.includes(FILE_REFUSED) === true && refusals[1]?.includes('ACCESS_DENIED') === true) return
  throw new LETTA_OTEL_STORE_UNAVAILABLE(path, 'this process has it open with more rights than clients may have', 'Close the other store first, or run the backend in a process of its own')
}

async function refusalOf (engine: Pick<Engine, 'query'>, sql: string): Promise<string | undefined> {
  try {
    await engine.query(sql)
    return undefined
  } catch (problem) {
    return (problem as Error).message
  }
}

function escapeXml (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
