import type { SpanNode } from './tree.ts'

/** Milliseconds of a span in which none of its children ran: children that overlap count once, and only within their parent. */
export function selfTime ({ start, end, children }: SpanNode): number {
  let own = 0
  let covered = start
  // Children stand in the order of their start.
  for (const child of children) {
    if (child.start > covered) own += Math.min(child.start, end) - covered
    covered = Math.max(covered, Math.min(child.end, end))
    if (covered >= end) return own
  }
  return own + Math.max(0, end - covered)
}
