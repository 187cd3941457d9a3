import { useQuery } from '../../data/use-query.ts'
import { formatDuration } from '../../format/numbers.ts'
import { Attributes } from '../../parts/attributes.tsx'
import { Card } from '../../parts/card.tsx'
import { Answered } from '../../parts/states.tsx'
import { millisecondsBetween, type TraceTree } from '../../trace/tree.ts'
import type { Span } from './span.ts'

/** Lines are looked for an hour around the trace: work that it began may go on. */
const AROUND_MS = 3_600_000

/** The log lines of a trace, each at its time after the trace's start. */
export function TraceLogs ({ id, tree, onSpan }: { id: string, tree: TraceTree<Span>, onSpan: (span: string) => void }) {
  const start = Date.parse(tree.started)
  const asking = useQuery('trace-logs', {
    trace: id, from: new Date(start - AROUND_MS).toISOString(), to: new Date(start + tree.duration + AROUND_MS).toISOString()
  }, ['logs'])
  return (
    <Card title='Log lines' asking={asking}>
      <Answered asking={asking}>
        {rows => rows.length === 0
          ? <p class='muted'>No log line was written within this trace.</p>
          : rows.map((row, index) => (
            <div key={index} class='logline'>
              <button type='button' class='link' title='The span that wrote it' onClick={() => { onSpan(row['span_id']) }}>{formatDuration(millisecondsBetween(tree.started, row['time']))}</button>
              <span class={`level-${String(row['severity']).toLowerCase()}`}>{row['severity']}</span>
              <span>{row['body']}</span>
              {Object.keys(row['attributes']).length > 0 && <details><summary class='muted'>attributes</summary><Attributes of={row['attributes']} /></details>}
            </div>
          ))}
      </Answered>
    </Card>
  )
}
