/** A row of the query `trace`. */
export interface Span {
  readonly started: string
  readonly duration_ms: number
  readonly name: string
  readonly kind: string
  readonly service: string
  readonly status: string
  readonly status_message: string
  readonly span_id: string
  readonly parent_span_id: string
  readonly attributes: Readonly<Record<string, string>>
  readonly resource: Readonly<Record<string, string>>
  readonly events: ReadonlyArray<{ readonly time: string, readonly name: string, readonly attributes: Readonly<Record<string, string>> }>
}

const COLORS = 8

/** Services take colours in the order of their names, so that one keeps its colour while more spans of a trace arrive. */
export function serviceColors (spans: readonly Span[]): ReadonlyMap<string, string> {
  const names = [...new Set(spans.map(({ service }) => service))].sort()
  return new Map(names.map((name, index) => [name, `var(--series-${index % COLORS + 1})`]))
}
