import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'

/** A dashboard's variable as SQL text: what was chosen in quotes, and `''` for all. */
export function variable (name: string): string {
  return `$\{${name}:singlequote}`
}

/** A dashboard's variable as it is, for numbers. */
export function numberVariable (name: string): string {
  return `$\{${name}}`
}

/** The interval between two points of a chart, in whole minutes as the rollups are; seconds. */
export const BUCKET_SECONDS = 'greatest(60, $__interval_s)'

/** What the data source knows of a dashboard, in the store's words. Who opens a dashboard sees every organization. */
const KNOWN: Readonly<Record<string, string>> = {
  from: 'toUnixTimestamp64Nano($__fromTime_ms)',
  to: 'toUnixTimestamp64Nano($__toTime_ms)',
  bucket_seconds: '$__interval_s',
  all_organizations: '1',
  organization: "''"
}

/**
 * SQL of the store for the ClickHouse data source, which binds nothing.
 *
 * @param values SQL for parameters, in place of what is known of a dashboard
 */
export function grafanaSql (sql: string, values: Readonly<Record<string, string>> = {}): string {
  const all = { ...KNOWN, ...values }
  return plain(sql.replace(/(?<!\$)\{(\w+):[\w()]+\}/g, (placeholder, name: string) => {
    const value = all[name]
    if (value === undefined) throw new Error(`nothing is said of ${placeholder} in ${sql}`)
    return value
  }))
}

/** A named query: parameters that nothing is said of have their defaults. */
export function queryOf (query: NamedQuery, values: Readonly<Record<string, string>> = {}): string {
  const defaults = Object.fromEntries(Object.entries(query.parameters).flatMap(([name, { kind, default: value }]) => {
    if (kind === 'time' || name in KNOWN || value === undefined) return []
    return [[name, kind === 'pairs' ? 'emptyArrayString()' : typeof value === 'number' ? String(value) : `'${String(value)}'`]]
  }))
  return grafanaSql(query.sql, { ...defaults, ...values })
}

/** Columns of a query's rows, as SQL. */
export function columnsOf (query: string, columns: Readonly<Record<string, string>>, end = ''): string {
  const list = Object.entries(columns).map(([name, sql]) => sql === name ? name : `${sql} AS ${/^\w+$/.test(name) ? name : `"${name}"`}`).join(', ')
  return `SELECT ${list}\nFROM (\n${query.replace(/^/gm, '  ')}\n)${end === '' ? '' : `\n${end}`}`
}

/** Without the indentation that it has in its file. */
export function plain (sql: string): string {
  const lines = sql.split('\n').filter(line => line.trim() !== '')
  const indentation = Math.min(...lines.slice(1).map(line => line.search(/\S/)), lines[0]!.search(/\S/) || Infinity)
  return lines.map(line => line.slice(Math.min(indentation, line.search(/\S/)))).join('\n')
}
