type Value = string | number | readonly string[]

/** A statement with its parameters in place, as it can be run anywhere: what is shown and copied. The engine itself is given them bound. */
export function literalSql (sql: string, parameters: Readonly<Record<string, unknown>>): string {
  return sql.replace(/\{(\w+):[\w()]+\}/g, (placeholder, name: string) =>
    Object.hasOwn(parameters, name) ? literal(parameters[name] as Value, placeholder) : placeholder)
}

function literal (value: Value, placeholder: string): string {
  if (Array.isArray(value)) return value.length === 0 ? 'CAST([], \'Array(String)\')' : `[${value.map(quoted).join(', ')}]`
  if (placeholder.endsWith(':String}')) return quoted(String(value))
  // Numbers keep their type, on which the engine's arithmetic depends.
  return `CAST(${quoted(String(value))}, '${placeholder.slice(placeholder.indexOf(':') + 1, -1)}')`
}

function quoted (text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n').replaceAll('\0', '\\0')}'`
}
