import { useQuery } from '../../data/use-query.ts'
import { formatDuration } from '../../format/numbers.ts'
import { formatTime, formatWhole } from '../../format/time.ts'
import { Attributes } from '../../parts/attributes.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Mark } from '../../parts/mark.tsx'
import { PlaceLink } from '../../parts/rail.tsx'
import { selfTime } from '../../trace/self-time.ts'
import { millisecondsBetween, visibleNodes, type TraceTree } from '../../trace/tree.ts'
import type { Span } from './span.ts'

interface SpanPanelProps {
  span: Span
  tree: TraceTree<Span>
  trace: string
  onAttribute: (name: string, value: string) => void
}

export function SpanPanel ({ span, tree, trace, onAttribute }: SpanPanelProps) {
  const links = useQuery('trace-links', { trace })
  const node = visibleNodes(tree, new Set()).find(node => node.span === span)
  const own = links.result?.rows.filter(row => row['span_id'] === span.span_id) ?? []
  return (
    <aside class='panel' aria-label='Span' tabIndex={0}>
      <h2 class='mono'>{span.name}</h2>
      <dl>
        <dt>Outcome</dt><dd><Mark status={span.status} /> {span.status_message}</dd>
        <dt>Took</dt><dd class='number'>{formatDuration(span.duration_ms)}{node !== undefined && <span class='muted'>, itself {formatDuration(selfTime(node))}</span>}</dd>
        <dt>Started</dt><dd class='number' title={formatWhole(span.started)}>{formatTime(span.started)}{node !== undefined && <span class='muted'>, after {formatDuration(node.start)}</span>}</dd>
        <dt>Service</dt><dd>{span.service} <span class='muted'>{span.kind}</span></dd>
        <dt>Span</dt><dd class='mono'>{span.span_id} <CopyButton text={span.span_id}>Copy</CopyButton></dd>
      </dl>
      {node?.orphan === true && <p class='warn'>Its parent, {span.parent_span_id}, is not stored.</p>}
      {span.events.map((event, index) => (
        <section key={index}>
          <h3 class={event.name === 'exception' ? 'error' : ''}>{event.attributes['exception.type'] ?? event.name} <span class='muted number'>after {formatDuration(millisecondsBetween(span.started, event.time))}</span></h3>
          {event.attributes['exception.message'] !== undefined && <p>{event.attributes['exception.message']}</p>}
          {event.attributes['exception.stacktrace'] !== undefined && <pre class='muted'>{event.attributes['exception.stacktrace']}</pre>}
          <Attributes of={Object.fromEntries(Object.entries(event.attributes).filter(([name]) => !name.startsWith('exception.')))} />
        </section>
      ))}
      {own.length > 0 && (
        <section>
          <h3>Links</h3>
          {own.map((row, index) => <p key={index} class='mono'><PlaceLink to={{ id: row['linked_trace_id'], filters: { span: row['linked_span_id'] } }}>{row['linked_trace_id']}</PlaceLink></p>)}
        </section>
      )}
      <section><h3>Attributes</h3><Attributes of={span.attributes} onChoose={onAttribute} /></section>
      <section><h3>Resource</h3><Attributes of={span.resource} /></section>
    </aside>
  )
}
