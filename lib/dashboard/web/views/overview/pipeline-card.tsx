import type { ComponentChildren } from 'preact'
import type { Row } from '../../data/client.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatDuration, formatExact } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'

const FIGURES: ReadonlyArray<readonly [title: string, meaning: string, cell: (row: Row) => ComponentChildren]> = [
  ['Sent', 'as senders say', row => formatCount(row['sent'])],
  ['Received', 'as receivers say; where none does, what is stored', row => <span title={`${formatExact(row['stored'])} stored`}>{formatCount(row['received'] ?? row['stored'])}</span>],
  ['Refused', 'what cannot be stored, and requests that were told to come back', row => <Refused row={row} />],
  ['Dropped', 'lost by senders and by receivers', row => <span class={row['dropped'] > 0 ? 'error' : ''}>{formatCount(row['dropped'])}</span>],
  ['Lag', 'age of the newest', row => formatDuration(row['lag_ms'])]
]

/** Whether what is shown is all there was: what was sent, arrived, was refused and was lost, and how old the newest is. */
export function PipelineCard () {
  const { place: { range, service } } = usePlace()
  const asking = useQuery('pipeline', { from: range.from, to: range.to, service }, ['traces', 'logs', 'metrics'])
  return (
    <Card title='Pipeline' asking={asking}>
      <Answered asking={asking}>
        {rows => (
          <table class='compact' aria-label='Pipeline'>
            <thead><tr><td />{rows.map(row => <th key={row['signal']} scope='col' class='end'>{row['signal']}</th>)}</tr></thead>
            <tbody>
              {FIGURES.map(([title, meaning, cell]) => (
                <tr key={title}><th scope='row' title={meaning}>{title}</th>{rows.map(row => <td key={row['signal']} class='end'>{cell(row)}</td>)}</tr>
              ))}
            </tbody>
          </table>
        )}
      </Answered>
    </Card>
  )
}

function Refused ({ row }: { row: Row }) {
  const { refused, refused_requests: requests } = row
  return (
    <span class={refused > 0 ? 'error' : ''} title={`${formatExact(requests)} requests were told to come back later`}>
      {formatCount(refused)}{requests > 0 && <span class='warn'> ↺ {formatCount(requests)}</span>}
    </span>
  )
}
