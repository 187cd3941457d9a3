/** What is needed of a span to place it. */
export interface SpanRow {
  readonly span_id: string
  readonly parent_span_id: string
  /** ISO 8601 with nanoseconds. */
  readonly started: string
  readonly duration_ms: number
}

export interface SpanNode<Span extends SpanRow = SpanRow> {
  readonly span: Span
  /** Milliseconds after the trace's first span. */
  readonly start: number
  readonly end: number
  /** In the order of their start. */
  readonly children: Array<SpanNode<Span>>
  depth: number
  /** Its parent is not there: it was not kept, has not arrived, or is another organization's. */
  orphan: boolean
}

export interface TraceTree<Span extends SpanRow = SpanRow> {
  readonly roots: ReadonlyArray<SpanNode<Span>>
  /** Milliseconds from the first start to the last end. */
  readonly duration: number
  readonly started: string
  readonly size: number
}

/** Milliseconds between two ISO dates, exact to the nanosecond. */
export function millisecondsBetween (from: string, to: string): number {
  const [before, after] = [split(from), split(to)]
  return ((after.second - before.second) * 1e9 + after.nanosecond - before.nanosecond) / 1e6
}

function split (iso: string): { second: number, nanosecond: number } {
  return { second: Math.floor(Date.parse(iso) / 1_000), nanosecond: Number((/\.(\d+)/.exec(iso)?.[1] ?? '').padEnd(9, '0').slice(0, 9)) }
}

/** Spans as a tree, whatever they say of their parents: each stands in it exactly once. */
export function traceTree<Span extends SpanRow> (spans: readonly Span[]): TraceTree<Span> {
  const started = spans.reduce((first, { started }) => first === '' || millisecondsBetween(started, first) > 0 ? started : first, '')
  const nodes = spans.map((span): SpanNode<Span> => {
    const start = millisecondsBetween(started, span.started)
    return { span, start, end: start + span.duration_ms, children: [], depth: 0, orphan: false }
  })
  // Of spans with the same id, the first is the parent of what names it.
  const byId = new Map([...nodes].reverse().map(node => [node.span.span_id, node]))
  const roots: Array<SpanNode<Span>> = []
  const rings = ringStarts(nodes, byId)
  for (const node of nodes) {
    const parent = byId.get(node.span.parent_span_id)
    if (parent === undefined || rings.has(node)) {
      node.orphan = node.span.parent_span_id !== ''
      roots.push(node)
    } else parent.children.push(node)
  }
  const byStart = (one: SpanNode, other: SpanNode): number => one.start - other.start || other.end - one.end
  roots.sort(byStart)
  const stack = [...roots]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    node.children.sort(byStart)
    for (const child of node.children) {
      child.depth = node.depth + 1
      stack.push(child)
    }
  }
  return { roots, started, size: nodes.length, duration: nodes.reduce((last, { end }) => Math.max(last, end), 0) }
}

/** Spans that name each other as parents have no beginning: of each such ring, the node at which it is broken. */
function ringStarts (nodes: readonly SpanNode[], byId: ReadonlyMap<string, SpanNode>): Set<SpanNode> {
  const starts = new Set<SpanNode>()
  const done = new Set<SpanNode>()
  for (const node of nodes) {
    const path = new Set<SpanNode>()
    let at: SpanNode | undefined = node
    while (at !== undefined && !done.has(at) && !path.has(at)) {
      path.add(at)
      at = byId.get(at.span.parent_span_id)
    }
    if (at !== undefined && path.has(at)) starts.add(at)
    for (const seen of path) done.add(seen)
  }
  return starts
}

/** The nodes that are seen, from top to bottom, where the spans of some ids are folded. */
export function visibleNodes<Span extends SpanRow> (tree: TraceTree<Span>, folded: ReadonlySet<string>): Array<SpanNode<Span>> {
  const visible: Array<SpanNode<Span>> = []
  const stack = [...tree.roots].reverse()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    visible.push(node)
    if (folded.has(node.span.span_id)) continue
    for (let index = node.children.length - 1; index >= 0; index--) stack.push(node.children[index]!)
  }
  return visible
}

/** What names each span in the address: its id; of spans with the same id, as of one that was delivered twice, also which of them it is. */
export function spanKeys<Span extends SpanRow> (spans: readonly Span[]): Map<Span, string> {
  const counts = new Map<string, number>()
  return new Map(spans.map(span => {
    const count = (counts.get(span.span_id) ?? 0) + 1
    counts.set(span.span_id, count)
    return [span, count === 1 ? span.span_id : `${span.span_id}-${count}`]
  }))
}
