import type { Engine } from './engine.ts'
import { quoteName } from './sql-names.ts'

/** A table of a migration, and its columns and indices as they stand there. */
interface TableText {
  readonly table: string
  readonly columns: ReadonlyMap<string, string>
  readonly indices: ReadonlyMap<string, string>
}

const TABLE = /CREATE TABLE IF NOT EXISTS \{\{table (\w+)\}\} \(\n([\s\S]*?)\n\)\n/g
/** Two blanks, a name and the rest of the line: what is nested has more, and its columns are as old as the exporter itself. */
const INDEX = /^ {2}INDEX (\w+) (.*?),?$/gm
const COLUMN = /^ {2}(?!INDEX )(\w+) (.*[^(\n,]),?$/gm

/**
 * Statements that add what tables lack which somebody else made before, as the OpenTelemetry Collector's exporter does with
 * `create_schema`: they have the exporter's columns, but not those that queries here need beside them. None where all is there.
 *
 * @param sql migrations, as they stand in their files
 */
export async function addMissingColumns (engine: Engine, sql: string): Promise<string[]> {
  const present = await engine.query<{ name: string, columns: string[] }>(
    'SELECT table AS name, groupArray(name) AS columns FROM system.columns WHERE database = {database:String} GROUP BY table', { database: engine.database })
  const columnsOf = new Map(present.map(({ name, columns }) => [name, new Set(columns)]))
  const additions = (name: string, { columns, indices }: Pick<TableText, 'columns' | 'indices'>): string[] => {
    const found = columnsOf.get(name)
    if (found === undefined) return []
    const missing = [...columns].filter(([column]) => !found.has(column))
    if (missing.length === 0) return []
    const changes = [
      ...missing.map(([column, rest]) => `ADD COLUMN IF NOT EXISTS ${quoteName(column)} ${rest}`),
      ...[...indices].map(([index, rest]) => `ADD INDEX IF NOT EXISTS ${quoteName(index)} ${rest}`)
    ]
    const onCluster = engine.cluster === undefined ? '' : ` ON CLUSTER ${quoteName(engine.cluster)}`
    return [`ALTER TABLE ${quoteName(engine.database)}.${quoteName(name)}${onCluster}\n${changes.join(',\n')}`]
  }
  return tablesIn(sql).flatMap(({ table, columns, indices }) => engine.cluster === undefined
    ? additions(table, { columns, indices })
    // The table that reads them all was made after the local one, without what that one lacked.
    : [...additions(`${table}_local`, { columns, indices }), ...additions(table, { columns, indices: new Map() })])
}

function tablesIn (sql: string): TableText[] {
  return [...sql.matchAll(TABLE)].map(([, table = '', body = '']) => ({ table, columns: named(body, COLUMN), indices: named(body, INDEX) }))
}

function named (body: string, what: RegExp): Map<string, string> {
  return new Map([...body.matchAll(what)].map(([, name = '', rest = '']) => [name, rest]))
}
