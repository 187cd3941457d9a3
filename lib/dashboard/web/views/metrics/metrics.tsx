import { useMemo } from 'preact/hooks'
import { useQuery } from '../../data/use-query.ts'
import { formatExact } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { Field } from '../../parts/fields.tsx'
import { Answered, Empty, SEND_TELEMETRY } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { MetricView } from './metric-view.tsx'

export function Metrics () {
  const { place, go, filter } = usePlace()
  const { range, service, filters } = place
  const asking = useQuery('metrics', { from: range.from, to: range.to, service }, ['metrics'])
  const rows = asking.result?.rows ?? []
  const text = (filters['text'] ?? '').toLowerCase()
  const listed = useMemo(() => rows.filter(row => String(row['metric']).toLowerCase().includes(text)), [rows, text])
  const chosen = rows.find(row => row['metric'] === filters['metric']) ?? (filters['metric'] === undefined ? listed[0] : undefined)
  return (
    <div class='metrics'>
      <Card title='Metrics' asking={asking} class='choice'>
        <div class='filters'><Field label='Search' value={filters['text'] ?? ''} onValue={value => { filter({ text: value }) }} searches /></div>
        <Answered asking={asking}>
          {() => listed.length === 0
            ? <Empty line={SEND_TELEMETRY}>No metric has a point in this time.</Empty>
            : (
              <div class='list' data-list>
                {listed.map(row => (
                  <button
                    key={`${row['metric']} ${row['type']}`} type='button' data-item {...(row === chosen && { 'aria-current': true })}
                    onClick={() => { go({ filters: { ...(text !== '' && { text: filters['text']! }), metric: row['metric'] } }) }}
                  >
                    <span class='clip mono' title={row['metric']}>{row['metric']}</span><span class='muted number' title='sets of attributes'>{formatExact(row['series'])}</span>
                  </button>
                ))}
              </div>
              )}
        </Answered>
      </Card>
      {chosen === undefined
        ? asking.result !== undefined && rows.length > 0 && <Empty>No point of {filters['metric']} in this time.</Empty>
        : <MetricView metric={chosen} key={`${chosen['metric']} ${chosen['type']}`} />}
    </div>
  )
}
