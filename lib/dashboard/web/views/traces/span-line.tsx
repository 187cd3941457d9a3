import { formatDuration } from '../../format/numbers.ts'
import type { Segment } from '../../trace/critical-path.ts'
import { millisecondsBetween, type SpanNode } from '../../trace/tree.ts'
import type { Span } from './span.ts'

const INDENT_PX = 12
/** Deeper than this, names would have no room. */
const DEEPEST = 16

interface SpanLineProps {
  id: string
  node: SpanNode<Span>
  top: number
  /** Milliseconds of the whole trace. */
  duration: number
  color: string
  segments: ReadonlyArray<Segment<Span>>
  selected: boolean
  folded: boolean
  onSelect: (span: Span) => void
  onFold: (span: Span) => void
}

export function SpanLine ({ id, node, top, duration, color, segments, selected, folded, onSelect, onFold }: SpanLineProps) {
  const { span, depth, children, start, end, orphan } = node
  const part = (milliseconds: number): string => `${duration === 0 ? 0 : milliseconds / duration * 100}%`
  const failed = span.status === 'Error'
  return (
    <div
      id={id} class='span' style={{ top: `${top}px`, '--service': color }} role='treeitem' aria-level={depth + 1} aria-selected={selected}
      {...(children.length > 0 && { 'aria-expanded': !folded })} onClick={() => { onSelect(span) }}
    >
      <span class='name'>
        <span class='indent' style={{ width: `${Math.min(depth, DEEPEST) * INDENT_PX}px` }} />
        <span class='fold' onClick={() => { if (children.length > 0) onFold(span) }} aria-hidden='true'>{children.length === 0 ? '' : folded ? '▸' : '▾'}</span>
        <span class={`clip ${failed ? 'error' : ''}`} title={span.name}>{failed ? '◆ ' : ''}{orphan ? '… ' : ''}{span.name}{folded ? ` (+${children.length})` : ''}</span>
      </span>
      <span class='lane'>
        <i class={`bar-of ${failed ? 'failed' : ''}`} style={{ left: part(start), width: part(end - start) }} />
        {segments.map(({ from, to }) => <i key={from} class='critical' style={{ left: part(from), width: part(to - from) }} />)}
        {span.events.map((event, index) => (
          <i key={index} class={`event ${event.name === 'exception' ? 'exception' : ''}`} title={event.name} style={{ left: part(start + millisecondsBetween(span.started, event.time)) }} />
        ))}
      </span>
      <span class='time'>{formatDuration(span.duration_ms)}</span>
    </div>
  )
}
