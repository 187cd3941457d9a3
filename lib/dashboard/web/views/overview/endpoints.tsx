import { useMemo } from 'preact/hooks'
import { bucketsOf, column } from '../../data/buckets.ts'
import type { Row } from '../../data/client.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatDuration, formatNumber, formatRatio } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable, type TableColumn } from '../../parts/data-table.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { bucketOf, edgesOf, precisionOf } from '../../state/time-range.ts'
import { askedOf, NO_ROUTE } from './asked.ts'

const SPARKS = 24
const routeOf = (row: Row): string => row['route'] === '' ? NO_ROUTE : row['route']
const keyOf = (row: Row): string => `${row['method']} ${routeOf(row)}`
const number = (name: string) => (row: Row): number => row[name] as number
const duration = (title: string, name: string): TableColumn => ({ title, end: true, by: number(name), cell: row => formatDuration(row[name]) })

/** A row a route; one that is chosen filters the whole overview. */
export function Endpoints () {
  const { place, go } = usePlace()
  const { range, service, filters } = place
  const chosen = (filters['route'] ?? '') === '' ? undefined : `${filters['method'] ?? ''} ${filters['route']}`
  const precision = precisionOf(range)
  const seconds = bucketOf(range, SPARKS)
  const asking = useQuery('requests', { ...askedOf(place), route: '', method: '', precision, by: 'route', limit: 200 }, ['traces'])
  const over = useQuery('requests', { from: range.from, to: range.to, service, precision, by: 'route', bucket_seconds: seconds, limit: 5_000 }, ['traces'])
  const sparks = useMemo(() => {
    const [from, to] = edgesOf(range)
    return new Map([...Map.groupBy(over.result?.rows ?? [], keyOf)]
      .map(([key, rows]) => [key, column(bucketsOf(rows, from, to, seconds).rows, 'requests', 0).map(value => value ?? 0)]))
  }, [over.result, range.from, range.to, seconds])
  const columns: readonly TableColumn[] = [
    { title: 'Endpoint', by: keyOf, cell: row => <><span class='muted'>{row['method']}</span> {routeOf(row)}</> },
    { title: 'Over time', cell: row => <Sparkline values={sparks.get(keyOf(row)) ?? []} /> },
    { title: 'Requests', end: true, by: number('requests'), cell: row => formatCount(row['requests']) },
    { title: 'Per second', end: true, by: number('requests_per_second'), cell: row => formatNumber(row['requests_per_second']) },
    { title: 'Errors', end: true, by: number('error_rate'), cell: row => <span class={row['errors'] > 0 ? 'error' : ''}>{formatRatio(row['error_rate'])}</span> },
    duration('P50', 'p50_ms'), duration('P90', 'p90_ms'), duration('P95', 'p95_ms'), duration('P99', 'p99_ms'),
    { title: 'Share of time', end: true, by: number('time_share'), cell: row => <><Share of={row['time_share']} />{formatRatio(row['time_share'])}</> }
  ]
  return (
    <Card title='Endpoints' asking={asking}>
      <Answered asking={asking}>
        {rows => (
          <DataTable
            label='Endpoints' class='compact' rows={rows} columns={columns} rowKey={keyOf} selected={chosen}
            onOpen={row => { go({ filters: { ...filters, ...(chosen === keyOf(row) ? { route: '', method: '' } : { route: routeOf(row), method: row['method'] }) } }) }}
          />
        )}
      </Answered>
      {(asking.result?.truncated === true || over.result?.truncated === true) && <p class='muted'>There are more than are shown, or were drawn over time: ask for one service, or for a shorter time.</p>}
    </Card>
  )
}

function Share ({ of }: { of: number | null }) {
  return <span class='share' aria-hidden='true'><i style={{ width: `${(of ?? 0) * 100}%` }} /></span>
}
