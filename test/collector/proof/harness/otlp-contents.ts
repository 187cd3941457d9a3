/** What OTLP JSON holds, in a form in which two senders' words for the same are the same. */

/** Spans as they stand, with what they are of. */
export function spansOf (requests: readonly any[]): any[] {
  return requests.flatMap(({ resourceSpans = [] }) => resourceSpans).flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ scope, spans }: any) => spans.map((span: any) => ({ ...span, resource, scope }))))
}

/** Spans by id. */
export function spansById (requests: readonly any[]): Map<string, any> {
  return new Map(spansOf(requests).map(span => [span.spanId, canonical(span)]))
}

/** Log records, in no order. */
export function records (requests: readonly any[]): string[] {
  return requests.flatMap(({ resourceLogs = [] }) => resourceLogs).flatMap(({ resource, scopeLogs }: any) =>
    scopeLogs.flatMap(({ scope, logRecords }: any) => logRecords.map((record: any) => JSON.stringify(canonical({ ...record, resource, scope }))))).sort()
}

/** Points of metrics, in no order. */
export function points (requests: readonly any[]): string[] {
  return requests.flatMap(({ resourceMetrics = [] }) => resourceMetrics).flatMap(({ resource, scopeMetrics }: any) =>
    scopeMetrics.flatMap(({ scope, metrics }: any) => metrics.map((metric: any) => JSON.stringify(canonical({ ...metric, resource, scope }))))).sort()
}

/** What is empty or zero need not be said, 64-bit numbers may be text, and attributes have no order. */
function canonical (value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(canonical)
    return items.every(item => typeof item === 'object' && item !== null && 'key' in item)
      ? items.sort((a, b) => String((a as any).key).localeCompare((b as any).key))
      : items
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b))
      .map(([key, inner]) => [key, canonical(inner)]).filter(([, inner]) => !isNothing(inner)))
  }
  return typeof value === 'number' ? String(value) : value
}

function isNothing (value: unknown): boolean {
  return value === undefined || value === '' || value === '0' || value === false || (Array.isArray(value) && value.length === 0) ||
    (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)
}
