import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { formatDuration } from '../../format/numbers.ts'
import type { Segment } from '../../trace/critical-path.ts'
import { visibleNodes, type TraceTree } from '../../trace/tree.ts'
import type { Span } from './span.ts'
import { SpanLine } from './span-line.tsx'

const LINE_PX = 22
/** Lines that are drawn above and below what is seen. */
const SPARE_LINES = 12
const FIRST_HEIGHT_PX = 600
const TICKS = 5

interface WaterfallProps {
  tree: TraceTree<Span>
  critical: ReadonlyMap<Span, ReadonlyArray<Segment<Span>>>
  colors: ReadonlyMap<string, string>
  /** What tells spans apart, also those with the same id. */
  keys: ReadonlyMap<Span, string>
  selected: Span
  onSelect: (span: Span) => void
}

/** A line a span; only lines that are seen are drawn, however many there are. */
export function Waterfall ({ tree, critical, colors, keys, selected, onSelect }: WaterfallProps) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [top, setTop] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const nodes = useMemo(() => visibleNodes(tree, folded), [tree, folded])
  const height = list.current?.clientHeight ?? FIRST_HEIGHT_PX
  const first = Math.max(0, Math.floor(top / LINE_PX) - SPARE_LINES)
  const shown = nodes.slice(first, Math.ceil((top + height) / LINE_PX) + SPARE_LINES)
  const at = nodes.findIndex(({ span }) => span === selected)

  const fold = (span: Span, closed = !folded.has(span.span_id)): void => {
    const next = new Set(folded)
    if (closed) next.add(span.span_id)
    else next.delete(span.span_id)
    setFolded(next)
  }
  const press = (event: KeyboardEvent): void => {
    const move = (to: number): void => {
      const node = nodes[Math.max(0, Math.min(nodes.length - 1, to))]
      if (node !== undefined) onSelect(node.span)
      event.preventDefault()
    }
    const page = Math.max(1, Math.floor(height / LINE_PX) - 1)
    switch (event.key) {
      case 'ArrowDown': case 'j': move(at + 1); break
      case 'ArrowUp': case 'k': move(at - 1); break
      case 'PageDown': move(at + page); break
      case 'PageUp': move(at - page); break
      case 'Home': move(0); break
      case 'End': move(nodes.length - 1); break
      case 'ArrowRight': fold(selected, false); event.preventDefault(); break
      case 'ArrowLeft': fold(selected, true); event.preventDefault(); break
    }
  }
  // What is selected by a key is seen.
  useLayoutEffect(() => {
    const element = list.current
    if (element === null || at < 0) return
    if (at * LINE_PX < element.scrollTop) element.scrollTop = at * LINE_PX
    else if ((at + 1) * LINE_PX > element.scrollTop + element.clientHeight) element.scrollTop = (at + 1) * LINE_PX - element.clientHeight
  }, [keys.get(selected)])

  return (
    <div class='waterfall'>
      <div class='axis' aria-hidden='true'>
        <span>Span</span>
        <div class='ticks'>
          {Array.from({ length: TICKS }, (_, index) => (
            <span key={index} style={{ left: `${index / TICKS * 100}%` }}>{formatDuration(tree.duration * index / TICKS)}</span>
          ))}
        </div>
        <span style={{ textAlign: 'right' }}>Took</span>
      </div>
      <div
        ref={list} class='spans' role='tree' aria-label='Spans' tabIndex={0} data-item aria-activedescendant={shown.some(({ span }) => span === selected) ? `span-${keys.get(selected)!}` : undefined}
        onScroll={event => { setTop(event.currentTarget.scrollTop) }} onKeyDown={press}
      >
        <div class='inner' role='presentation' style={{ height: `${nodes.length * LINE_PX}px` }}>
          {shown.map((node, index) => (
            <SpanLine
              key={index} id={`span-${keys.get(node.span)!}`} node={node} top={(first + index) * LINE_PX} duration={tree.duration} color={colors.get(node.span.service) ?? 'var(--series-1)'}
              segments={critical.get(node.span) ?? []} selected={node.span === selected} folded={folded.has(node.span.span_id)} onSelect={onSelect} onFold={fold}
            />
          ))}
        </div>
      </div>
    </div>
  )
}
