import type { Row } from '../../data/client.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatDuration, formatExact } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'

/** Whether what is shown is all there was: what its senders say they sent, what arrived, was refused and was lost on the way, and how old the newest is. */
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
              { title: 'Sent', end: true, cell: row => formatCount(row['sent']) },
              { title: 'Received', end: true, cell: row => <span title={`${formatExact(row['stored'])} stored`}>{formatCount(row['received'] ?? row['stored'])}</span> },
              { title: 'Refused', end: true, cell: row => <Refused row={row} /> },
              { title: 'Dropped', end: true, cell: row => <span class={row['dropped'] > 0 ? 'error' : ''}>{formatCount(row['dropped'])}</span> },
              { title: 'Lag', end: true, cell: row => <span title='age of the newest'>{formatDuration(row['lag_ms'])}</span> }
            ]}
          />
        )}
      </Answered>
    </Card>
  )
}

/** What can never be taken, and requests that were told to come back. */
function Refused ({ row }: { row: Row }) {
  const { refused, refused_requests: requests } = row
  return (
    <span class={refused > 0 ? 'error' : ''} title={`${formatExact(requests)} requests were told to come back later`}>
      {formatCount(refused)}{requests > 0 && <span class='warn'> ↺ {formatCount(requests)}</span>}
    </span>
  )
}
