/** Rows as RFC 4180 has them, with a line of names. */
export function csvOf (names: readonly string[], rows: ReadonlyArray<Readonly<Record<string, unknown>>>): string {
  return [names.map(cell), ...rows.map(row => names.map(name => cell(row[name])))].map(cells => `${cells.join(',')}\r\n`).join('')
}

function cell (value: unknown): string {
  const text = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
