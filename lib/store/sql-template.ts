import { firstTtl, type RetentionByTable } from './retention.ts'
import { quoteName } from './sql-names.ts'

/** What the placeholders of a migration stand for. */
export interface SqlTarget {
  readonly database: string
  /** Of a cluster, each table has a local part on every shard, `<name>_local`, and is read and written through a Distributed one. */
  readonly cluster?: string | undefined
  /** Name of a storage policy with a volume `cold`. */
  readonly storagePolicy?: string | undefined
  /** What is asked of tables that are made. */
  readonly retention?: RetentionByTable | undefined
}

/** Inserts that deduplication remembers, per table. */
const DEDUPLICATION_WINDOW = 10_000
/** Seconds that a cluster remembers them, a week: a block may wait on a disk for as long as the cluster is away. An hour is ClickHouse's own. */
const DEDUPLICATION_SECONDS = 604_800

/**
 * The statements of a migration, for one target. Placeholders:
 * `{{table x}}` the stored table, to be created · `{{local x}}` the same, in FROM and TO of what runs beside it ·
 * `{{read x}}` the whole table · `{{view x}}` a view, to be created, or the whole table, to be changed · `{{engine X(…)}}` · `{{ttl x}}` · `{{settings}}` of a MergeTree ·
 * `{{distributed x key}}` a whole statement, empty but on a cluster.
 *
 * @throws {TypeError} a placeholder is none of these, or a name cannot be quoted
 */
export function renderSql (sql: string, target: SqlTarget): string[] {
  return sql.replace(/\{\{(\w+)(?: ([^}]*))?\}\}/g, (_, name: string, argument = '') => render(target, name, argument))
    .split(/;[ \t]*(?:\n|$)/)
    .map(statement => statement.replace(/^\s*--.*$/gm, '').trim())
    .filter(statement => statement !== '')
}

function render (target: SqlTarget, name: string, argument: string): string {
  const { database, cluster, storagePolicy, retention } = target
  const whole = (table: string): string => `${quoteName(database)}.${quoteName(table)}`
  const local = (table: string): string => whole(cluster === undefined ? table : `${table}_local`)
  const onCluster = cluster === undefined ? '' : ` ON CLUSTER ${quoteName(cluster)}`
  switch (name) {
    case 'table': return local(argument) + onCluster
    case 'local': return local(argument)
    case 'read': return whole(argument)
    case 'view': return whole(argument) + onCluster
    case 'engine': return cluster === undefined ? argument : replicated(argument)
    case 'ttl': return firstTtl(argument, retention, storagePolicy)
    case 'settings': {
      const policy = storagePolicy === undefined ? '' : `, storage_policy = '${quoteName(storagePolicy).slice(1, -1)}'`
      // A part that carries times of an older TTL would go by those: a change has them worked out anew, without rewriting rows.
      return `ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, ${deduplication(cluster !== undefined)}${policy}`
    }
    case 'distributed': return cluster === undefined ? '' : distributed(target, cluster, argument)
    default: throw new TypeError(`{{${name}}} is no placeholder of a migration`)
  }
}

function deduplication (isReplicated: boolean): string {
  return isReplicated
    ? `replicated_deduplication_window = ${DEDUPLICATION_WINDOW}, replicated_deduplication_window_seconds = ${DEDUPLICATION_SECONDS}`
    : `non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`
}

/** `{uuid}`, `{shard}` and `{replica}` are macros of the servers. */
function replicated (engine: string): string {
  const [, name, parameters] = /^(\w+)\((.*)\)$/.exec(engine) ?? []
  if (name === undefined) throw new TypeError(`{{engine ${engine}}} has no parentheses`)
  const own = parameters === '' ? '' : `, ${parameters}`
  return `Replicated${name}('/clickhouse/tables/{uuid}/{shard}', '{replica}'${own})`
}

function distributed ({ database }: SqlTarget, cluster: string, argument: string): string {
  const space = argument.indexOf(' ')
  const table = argument.slice(0, space)
  const local = `${table}_local`
  return `CREATE TABLE IF NOT EXISTS ${quoteName(database)}.${quoteName(table)} ON CLUSTER ${quoteName(cluster)}` +
    ` AS ${quoteName(database)}.${quoteName(local)}` +
    `\nENGINE = Distributed(${quoteName(cluster)}, ${quoteName(database)}, ${quoteName(local)}, ${argument.slice(space + 1)})`
}
