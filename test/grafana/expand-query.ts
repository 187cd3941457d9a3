/** What Grafana and its ClickHouse data source make of a query's text before it is asked: variables, then macros. */

/** What is chosen on a dashboard. */
export interface Choices {
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** Seconds between two points of a chart. */
  readonly intervalSeconds?: number
  /** Values of variables; those that are not named are all. */
  readonly variables?: Readonly<Record<string, string>>
  /** What stands for all, by variable. */
  readonly allValues?: Readonly<Record<string, string>>
}

export function expandQuery (sql: string, choices: Choices): string {
  return expandMacros(expandVariables(sql, choices), choices)
}

function expandVariables (sql: string, { variables = {}, allValues = {} }: Choices): string {
  return sql.replace(/\$\{(\w+)(?::(\w+))?\}/g, (reference, name: string, format?: string) => {
    const value = variables[name]
    if (value === undefined) {
      // A value for all stands as it was written, whatever the format.
      if (allValues[name] === undefined) throw new Error(`${reference} is nothing that the dashboard has`)
      return allValues[name]
    }
    if (format === undefined) return value
    if (format !== 'singlequote') throw new Error(`${reference} has a format that no test knows`)
    return `'${value.replaceAll("'", "\\'")}'`
  })
}

function expandMacros (sql: string, { from, to, intervalSeconds = 60 }: Choices): string {
  const dateTime = (milliseconds: number): string => `toDateTime(${Math.floor(milliseconds / 1_000)})`
  const dateTime64 = (milliseconds: number): string => `fromUnixTimestamp64Milli(${milliseconds})`
  const plain: Readonly<Record<string, string>> = {
    fromTime: dateTime(from), toTime: dateTime(to), fromTime_ms: dateTime64(from), toTime_ms: dateTime64(to), interval_s: String(intervalSeconds)
  }
  const ofColumn: Readonly<Record<string, (column: string) => string>> = {
    timeFilter: column => `${column} >= ${dateTime(from)} AND ${column} <= ${dateTime(to)}`,
    timeInterval: column => `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalSeconds} second)`
  }
  return sql.replace(/\$__(\w+)(?:\(([^()]*)\))?/g, (macro, name: string, column?: string) => {
    const expanded = column === undefined ? plain[name] : ofColumn[name]?.(column)
    if (expanded === undefined) throw new Error(`${macro} is no macro that the data source is known to have`)
    return expanded
  })
}
