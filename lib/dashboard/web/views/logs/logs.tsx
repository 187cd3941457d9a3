import { useMemo } from 'preact/hooks'
import { bucketsOf, column } from '../../data/buckets.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatCount } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Choice, Field } from '../../parts/fields.tsx'
import { Answered, Empty, SEND_TELEMETRY } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { bucketOf, draggedRange, edgesOf } from '../../state/time-range.ts'
import { LogTail } from './log-tail.tsx'

const SEVERITIES = [['', 'any'], ['5', 'debug'], ['9', 'info'], ['13', 'warn'], ['17', 'error'], ['21', 'fatal']] as const
const SERIES = [['Errors', 'errors', '--series-5'], ['Warnings', 'warnings', '--series-2'], ['Others', 'others', '--series-6']] as const

export function Logs () {
  const { place, go, filter } = usePlace()
  const { range, service, filters } = place
  const asked = { from: range.from, to: range.to, service, minimum_severity: filters['minimum_severity'], text: filters['text'], attributes: filters['attributes'] }
  const seconds = bucketOf(range)
  const lines = useQuery('logs', asked, ['logs'])
  const over = useQuery('log-levels', { ...asked, bucket_seconds: seconds }, ['logs'])
  const chart = useMemo(() => {
    const [from, to] = edgesOf(range)
    const { times, rows } = bucketsOf(over.result?.rows ?? [], from, to, seconds)
    return { times, series: SERIES.map(([label, name, color]) => ({ label, color, values: column(rows, name, 0) })) }
  }, [over.result, range.from, range.to, seconds])
  return (
    <div class='stack'>
      <form class='filters' role='search' onSubmit={event => { event.preventDefault() }}>
        <Field label='Search' value={filters['text'] ?? ''} onValue={text => { filter({ text }) }} placeholder='text' wide searches />
        <Field label='Attributes' value={filters['attributes'] ?? ''} onValue={attributes => { filter({ attributes }) }} placeholder='name=value,name=value' wide />
        <Choice label='Severity at least' value={filters['minimum_severity'] ?? ''} onValue={value => { filter({ minimum_severity: value }) }} options={SEVERITIES} />
      </form>
      <Card title='Lines over time' asking={over}>
        <div class={over.stale ? 'stale' : ''} aria-busy={over.stale}>
          <Chart
            label='Log lines over time' kind='bars' times={chart.times} series={chart.series} format={formatCount} height={100}
            onRange={(from, to) => {
              const dragged = draggedRange(from, to)
              if (dragged !== undefined) go({ range: dragged })
            }}
          />
        </div>
      </Card>
      <Card title='Log lines' asking={lines}>
        <Answered asking={lines}>
          {rows => rows.length === 0
            ? <Empty line={SEND_TELEMETRY}>No line has all of this. Ask for a longer time or for less, or send some:</Empty>
            : <LogTail key={lines.url} rows={rows} truncated={lines.result!.truncated} />}
        </Answered>
      </Card>
    </div>
  )
}
