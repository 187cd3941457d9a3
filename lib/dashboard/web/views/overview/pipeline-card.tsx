import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatDuration } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'

/** Whether what is shown is all there was: what arrived, what its senders say they lost, and how old the newest is. */
export function PipelineCard () {
  const { place: { range, service } } = usePlace()
  const asking = useQuery('pipeline', { from: range.from, to: range.to, service }, ['traces', 'logs', 'metrics'])
  return (
    <Card title='Pipeline' asking={asking}>
      <Answered asking={asking}>
        {rows => (
          <DataTable
            label='Pipeline' class='compact' rows={rows} rowKey={row => row['signal']}
            columns={[
              { title: '', cell: row => row['signal'] },
              { title: 'Stored', end: true, cell: row => formatCount(row['stored']) },
              { title: 'Sent', end: true, cell: row => formatCount(row['sent']) },
              { title: 'Lost', end: true, cell: row => <span class={row['lost'] > 0 ? 'error' : ''}>{formatCount(row['lost'])}</span> },
              { title: 'Newest', end: true, cell: row => formatDuration(row['lag_ms']) }
            ]}
          />
        )}
      </Answered>
    </Card>
  )
}
