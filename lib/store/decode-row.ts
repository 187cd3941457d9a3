/** 64-bit columns that are no times: they come as text, and fit a number. */
const NUMBERS: ReadonlySet<string> = new Set([
  'created_at', 'updated_at', 'input_tokens', 'output_tokens', 'cached_input_tokens', 'reasoning_tokens', 'total_tokens',
  'request_bytes', 'response_bytes', 'request_original_size', 'response_original_size'
])

/** A row of the engine's JSON as the types of `rows.ts` say: nanoseconds as bigint. */
export function decodeRow<Row> (columns: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, decodeColumn(name, value)])) as Row
}

function decodeColumn (name: string, value: unknown): unknown {
  if (value === null) return null
  if (name.endsWith('_ns')) return BigInt(value as string)
  if (name === 'is_deleted') return value === 1
  return NUMBERS.has(name) ? Number(value) : value
}
