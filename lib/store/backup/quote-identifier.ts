/** Any name of a database or table as it stands in SQL: what somebody else put into the database may be called as they like. */
export function quoteIdentifier (name: string): string {
  return `\`${name.replace(/[\\`]/g, character => `\\${character}`)}\``
}
