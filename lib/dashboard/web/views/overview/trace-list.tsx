import type { Parameters } from '../../data/client.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatDuration } from '../../format/numbers.ts'
import { formatAge, formatWhole } from '../../format/time.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { PlaceLink } from '../../parts/rail.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { askedOf } from './asked.ts'

const SHOWN = 6

export function TraceList ({ title, parameters, none }: { title: string, parameters: Parameters, none: string }) {
  const { place, go } = usePlace()
  const asking = useQuery('traces', { ...askedOf(place), ...parameters, limit: SHOWN }, ['traces'])
  return (
    <Card title={title} asking={asking} extra={<PlaceLink to={{ view: 'traces', id: '', filters: { status: String(parameters['status'] ?? ''), order: String(parameters['order'] ?? '') } }}>All</PlaceLink>}>
      <Answered asking={asking}>
        {rows => rows.length === 0
          ? <p class='muted'>{none}</p>
          : (
            <DataTable
              label={title} class='compact' rows={rows} rowKey={row => row['trace_id']} onOpen={row => { go({ view: 'traces', id: row['trace_id'], filters: {} }) }}
              columns={[
                { title: 'Trace', cell: row => <div class='clip' style={{ maxWidth: '160px' }} title={`${row['name']} ${row['error']}`}>{row['name']}</div> },
                { title: 'Took', end: true, cell: row => <span class={row['status'] === 'Error' ? 'error' : ''}>{formatDuration(row['duration_ms'])}</span> },
                { title: 'When', end: true, cell: row => <span class='muted' title={formatWhole(row['started'])}>{formatAge(Date.now() - Date.parse(row['started']))}</span> }
              ]}
            />
            )}
      </Answered>
    </Card>
  )
}
