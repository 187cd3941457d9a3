const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const SETTING_NAME = PLAIN_NAME
/** Clusters are named in XML, where `-` and `.` are usual. */
const CLUSTER_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/

/** Whether text can stand for a database, a table or a column. */
export function isPlainName (text: string): boolean {
  return PLAIN_NAME.test(text)
}

export function isClusterName (text: string): boolean {
  return CLUSTER_NAME.test(text)
}

/**
 * A name as it stands in SQL. Names cannot be bound everywhere, so what could end the quotes is refused.
 *
 * @throws {TypeError} the text is no name
 */
export function quoteName (name: string): string {
  if (!isClusterName(name)) throw new TypeError(`${JSON.stringify(name.slice(0, 100))} is no name of a database, table or cluster`)
  return `\`${name}\``
}

/**
 * `name = value` pairs as they stand after SETTINGS.
 *
 * @throws {TypeError} a name is none
 */
export function settingsText (settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings).map(([name, value]) => {
    if (!SETTING_NAME.test(name)) throw new TypeError(`${JSON.stringify(name.slice(0, 100))} is no name of a setting`)
    return `${name} = ${typeof value === 'number' ? value : `'${value.replace(/[\\']/g, character => `\\${character}`)}'`}`
  }).join(', ')
}

/**
 * A statement without the semicolons and spaces at its end. A regular expression would begin anew at each of those in its middle,
 * which takes minutes where there are very many.
 */
export function withoutEnd (sql: string): string {
  let end = sql.length
  while (end > 0 && (sql[end - 1] === ';' || sql[end - 1]!.trim() === '')) end -= 1
  return sql.slice(0, end)
}
