import type { ProviderTrace } from './provider-traces.ts'

/** Characters of payloads in one answer. */
export const PAYLOADS_MAX = 8_388_608

/** A row as it is answered: nanoseconds as decimal text, times as ISO 8601. */
export function rowView (row: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([column, value]: [string, unknown]) => [column, columnView(column, value)]))
}

function columnView (column: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if ((column === 'created_at' || column === 'updated_at') && typeof value === 'number') return new Date(value).toISOString()
  return value
}

/** Provider traces as they are answered: payloads as JSON, as many as one answer may hold, from the last one back. */
export function providerTraceViews (traces: readonly ProviderTrace[]): Array<Record<string, unknown>> {
  let room = PAYLOADS_MAX
  return traces.toReversed().map(trace => {
    const { request_json: request = '', response_json: response = '' } = trace
    room -= request.length + response.length
    if (room < 0 || trace.payloads_omitted === true) return { ...rowView(trace), request_json: null, response_json: null, payloads_omitted: true }
    return { ...rowView(trace), request_json: jsonOf(request), response_json: jsonOf(response), payloads_omitted: false }
  }).reverse()
}

/** What was kept is JSON, or nothing. */
function jsonOf (text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
