import type { SpanNode, SpanRow } from './tree.ts'

/** A stretch of time in which the whole waited for this span itself, and for none of its children. */
export interface Segment<Span extends SpanRow = SpanRow> {
  readonly node: SpanNode<Span>
  readonly from: number
  readonly to: number
}

interface Frame<Span extends SpanRow> {
  readonly node: SpanNode<Span>
  readonly since: number
  /** All later than this is told already. */
  until: number
  /** Children by their end, the last one first. */
  readonly candidates: Array<SpanNode<Span>>
  next: number
}

/**
 * What the end of a span waited for: going back from its end, always the child that ended last, and the span itself where none ran.
 * The segments cover the whole span without a gap or an overlap; the first of them is the earliest.
 */
export function criticalPath<Span extends SpanRow> (root: SpanNode<Span>): Array<Segment<Span>> {
  const segments: Array<Segment<Span>> = []
  const add = (node: SpanNode<Span>, from: number, to: number): void => { if (to > from) segments.push({ node, from, to }) }
  // Traces may be as deep as they have spans: no recursion.
  const stack = [frameOf(root, root.start, root.end)]
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const child = frame.candidates[frame.next++]
    if (child === undefined) {
      add(frame.node, frame.since, frame.until)
      stack.pop()
      continue
    }
    // Clocks differ between hosts, and work goes on after its parent: only what lies within counts.
    const from = Math.max(child.start, frame.since)
    const to = Math.min(child.end, frame.until)
    if (to <= from) continue
    add(frame.node, to, frame.until)
    frame.until = from
    stack.push(frameOf(child, from, to))
  }
  return segments.reverse().sort((one, other) => one.from - other.from)
}

function frameOf<Span extends SpanRow> (node: SpanNode<Span>, since: number, until: number): Frame<Span> {
  return { node, since, until, candidates: [...node.children].sort((one, other) => other.end - one.end), next: 0 }
}
