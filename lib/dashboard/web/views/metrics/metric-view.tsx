import { useMemo } from 'preact/hooks'
import { bucketsOf, column } from '../../data/buckets.ts'
import type { Row } from '../../data/client.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatUnit } from '../../format/numbers.ts'
import { formatTime, formatWhole } from '../../format/time.ts'
import { Card } from '../../parts/card.tsx'
import { Chart, type Series } from '../../parts/chart.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Choice, Field } from '../../parts/fields.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { bucketOf, draggedRange, edgesOf } from '../../state/time-range.ts'
import { Heatmap } from './heatmap.tsx'
import { isHeatmap, shapesOf, unitLabel } from './shapes.ts'

/** Senders give a point a minute unless they are told otherwise: shorter times would be mostly empty. */
const SHORTEST_SECONDS = 60
/** Lines that can be told apart. */
const MOST_LINES = 8

export function MetricView ({ metric }: { metric: Row }) {
  const { place, go, filter } = usePlace()
  const { range, service, filters } = place
  const shapes = shapesOf(metric['type'], metric['monotonic'])
  const shape = shapes.find(({ name }) => name === filters['shape']) ?? shapes[0]!
  const seconds = Math.max(SHORTEST_SECONDS, bucketOf(range))
  const asked = { from: range.from, to: range.to, service, metric: metric['metric'] as string, attributes: filters['attributes'] }
  const grouped = isHeatmap(shape) || shape.by !== undefined ? undefined : filters['group']
  const points = useQuery(shape.query, { ...asked, group: grouped, bucket_seconds: seconds }, ['metrics'])
  const attributes = useQuery('metric-attributes', asked, ['metrics'])
  const exemplars = useQuery('metric-exemplars', asked, ['metrics'])
  const unit = metric['unit'] as string
  const format = (value: number | null): string => shape.format(value, unit)
  const lines = useMemo(() => linesOf(points.result?.rows ?? [], shape.by ?? 'group_value', shape.column, edgesOf(range), seconds, unitLabel(unit)), [points.result, shape, seconds])
  const drag = (from: number, to: number): void => {
    const dragged = draggedRange(from, to)
    if (dragged !== undefined) go({ range: dragged })
  }
  const openTrace = (row: Row): void => { go({ view: 'traces', id: row['trace_id'], filters: { span: row['span_id'] } }) }
  return (
    <div class='stack'>
      <div>
        <h1 class='mono'>{metric['metric']}</h1>
        <p class='muted'>{metric['description']} <span class='mono'>{String(metric['type']).replaceAll('_', ' ')}{unitLabel(unit) === '' ? '' : `, ${unitLabel(unit)}`}</span></p>
      </div>
      <div class='filters'>
        <Choice label='Show' value={shape.name} onValue={value => { filter({ shape: value }) }} options={shapes.map(({ name, title }) => [name, title] as const)} />
        {!isHeatmap(shape) && shape.by === undefined && (
          <Choice label='Group by' value={filters['group'] ?? ''} onValue={group => { filter({ group }) }} options={[['', 'nothing'], ...(attributes.result?.rows ?? []).map(row => [row['attribute'], row['attribute']] as const)]} />
        )}
        <Field label='Attributes' value={filters['attributes'] ?? ''} onValue={value => { filter({ attributes: value }) }} placeholder='name=value,name=value' wide />
      </div>
      <Card title={shape.title} asking={points}>
        <Answered asking={points}>
          {rows => isHeatmap(shape)
            ? <Heatmap label={metric['metric']} rows={rows} exemplars={exemplars.result?.rows ?? []} edges={edgesOf(range)} seconds={seconds} format={format} onExemplar={openTrace} />
            : <Chart label={`${metric['metric']}, ${shape.title}`} kind='lines' times={lines.times} series={lines.series} format={format} onRange={drag} height={280} />}
        </Answered>
        {points.result?.truncated === true && <p class='muted'>The end of this time is not drawn: there are more points than are asked for at once. Ask for a shorter time, or filter by attributes.</p>}
        {lines.more > 0 && !isHeatmap(shape) && <p class='muted'>{lines.more} more are not drawn: filter by attributes to see them.</p>}
      </Card>
      {(exemplars.result?.rows.length ?? 0) > 0 && (
        <Card title='Exemplars' asking={exemplars}>
          <Answered asking={exemplars}>
            {rows => (
              <DataTable
                label='Exemplars' rows={rows.slice(0, 20)} rowKey={row => `${row['time']} ${row['trace_id']}`} onOpen={openTrace}
                columns={[
                  { title: 'Measured', by: row => row['time'], cell: row => <span title={formatWhole(row['time'])}>{formatTime(row['time'])}</span> },
                  { title: 'Value', end: true, by: row => row['value'], cell: row => formatUnit(row['value'], unit) },
                  { title: 'Trace', cell: row => row['trace_id'] }
                ]}
              />
            )}
          </Answered>
        </Card>
      )}
      <Card title='Attributes' asking={attributes}>
        <Answered asking={attributes}>
          {rows => rows.length === 0
            ? <p class='muted'>Its points have no attributes.</p>
            : (
              <DataTable
                label='Attributes' rows={rows} rowKey={row => row['attribute']} onOpen={row => { filter({ group: row['attribute'] === filters['group'] ? '' : row['attribute'] }) }} selected={filters['group']}
                columns={[
                  { title: 'Attribute', by: row => row['attribute'], cell: row => row['attribute'] },
                  { title: 'Values', end: true, by: row => row['values'], cell: row => row['values'] },
                  { title: 'Some of them', cell: row => <span class='muted'>{row['examples']}</span> }
                ]}
              />
              )}
        </Answered>
      </Card>
    </div>
  )
}

/** A line for each value, those with the most first. */
function linesOf (rows: readonly Row[], by: string, name: string, [from, to]: readonly [number, number], seconds: number, all: string): { times: readonly number[], series: readonly Series[], more: number } {
  const groups = [...Map.groupBy(rows, row => String(row[by]))]
    .sort(([, one], [, other]) => highest(other, name) - highest(one, name))
  const series = groups.slice(0, MOST_LINES).map(([label, group], index) => ({
    label: label === '' ? (all === '' ? 'all' : all) : label, color: `--series-${index + 1}`, values: column(bucketsOf(group, from, to, seconds).rows, name, null)
  }))
  return { times: bucketsOf([], from, to, seconds).times, series, more: Math.max(0, groups.length - MOST_LINES) }
}

function highest (rows: readonly Row[], name: string): number {
  return rows.reduce((most, row) => Math.max(most, row[name] as number | null ?? 0), -Infinity)
}
