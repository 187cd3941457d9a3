import { useEffect, useMemo, useState } from 'preact/hooks'
import { useQuery } from '../../data/use-query.ts'
import { formatDuration, formatExact } from '../../format/numbers.ts'
import { formatTime, formatWhole } from '../../format/time.ts'
import { pairsText } from '../../format/pairs.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Mark } from '../../parts/mark.tsx'
import { QueryButton } from '../../parts/query-button.tsx'
import { PlaceLink } from '../../parts/rail.tsx'
import { Empty, Failure } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { criticalPath, type Segment } from '../../trace/critical-path.ts'
import { spanKeys, traceTree } from '../../trace/tree.ts'
import { serviceColors, type Span } from './span.ts'
import { SpanPanel } from './span-panel.tsx'
import { TraceLogs } from './trace-logs.tsx'
import { Waterfall } from './waterfall.tsx'

const SPANS_AT_MOST = 10_000
/** After so long, no more spans of a trace are waited for: large ones are not asked for again and again. */
const SETTLED_MS = 60_000

export function TraceView ({ id }: { id: string }) {
  const { place, go, filter } = usePlace()
  const [settled, setSettled] = useState(false)
  const asking = useQuery('trace', { trace: id, limit: SPANS_AT_MOST }, settled ? [] : ['traces'])
  const spans = (asking.result?.rows ?? []) as unknown as readonly Span[]
  const tree = useMemo(() => traceTree(spans), [spans])
  const keys = useMemo(() => spanKeys(spans), [spans])
  const colors = useMemo(() => serviceColors(spans), [spans])
  const critical = useMemo(() => Map.groupBy(tree.roots.flatMap(root => criticalPath(root)), ({ node }: Segment<Span>) => node.span), [tree])
  useEffect(() => {
    if (tree.size > 0 && Date.now() - Date.parse(tree.started) - tree.duration > SETTLED_MS) setSettled(true)
  }, [tree])
  if (asking.error !== undefined) return <Failure asking={asking} />
  const [root] = tree.roots
  if (root === undefined) {
    return asking.result === undefined
      ? <div class='empty' aria-busy='true'>Loading</div>
      : <Empty>No span of this trace is stored. It may not have been sampled, or is still on its way. <PlaceLink to={{ id: '', filters: {} }}>All traces</PlaceLink></Empty>
  }
  const selected = spans.find(span => keys.get(span) === place.filters['span']) ?? root.span
  const failed = spans.filter(({ status }) => status === 'Error').length
  return (
    <div class='stack'>
      <div class='row'>
        <PlaceLink to={{ id: '', filters: {} }}>Traces</PlaceLink><span class='muted'>/</span>
        <h1 class='mono'>{root.span.name}</h1><Mark status={root.span.status} />
        <CopyButton text={id}>Copy trace id</CopyButton>
        <CopyButton text={() => location.href}>Copy link</CopyButton>
        <QueryButton asking={asking} />
      </div>
      <div class='facts'>
        <Fact label='Duration' value={formatDuration(tree.duration)} />
        <Fact label='Spans' value={`${formatExact(spans.length)}${asking.result!.truncated ? ' or more' : ''}`} />
        <Fact label='Failed' value={formatExact(failed)} />
        <Fact label='Started' value={formatTime(tree.started)} title={formatWhole(tree.started)} />
        <div><span class='label'>Services</span>
          <span class='legend'>{[...colors].map(([name, color]) => <span key={name}><i style={{ background: color }} />{name}</span>)}</span>
        </div>
        <div><span class='label'>Trace</span><span class='mono'>{id}</span></div>
      </div>
      <div class='trace'>
        <div class='stack'>
          <Waterfall tree={tree} critical={critical} colors={colors} keys={keys} selected={selected} onSelect={span => { filter({ span: keys.get(span)! }) }} />
          <TraceLogs id={id} tree={tree} onSpan={span => { filter({ span }) }} />
        </div>
        <SpanPanel span={selected} tree={tree} trace={id} onAttribute={(name, value) => { go({ id: '', filters: { attributes: pairsText({ [name]: value }), spans: 'any' } }) }} />
      </div>
    </div>
  )
}

function Fact ({ label, value, title = '' }: { label: string, value: string, title?: string }) {
  return <div title={title}><span class='label'>{label}</span><span class='value'>{value}</span></div>
}
