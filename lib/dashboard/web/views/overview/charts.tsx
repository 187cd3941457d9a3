import { useMemo } from 'preact/hooks'
import { bucketsOf, column } from '../../data/buckets.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatDuration, formatNumber } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { Chart } from '../../parts/chart.tsx'
import { usePlace } from '../../state/place-context.ts'
import { bucketOf, draggedRange, edgesOf, precisionOf } from '../../state/time-range.ts'
import { askedOf } from './asked.ts'

const CLASSES = [['5xx', '--series-5'], ['4xx', '--series-2'], ['3xx', '--series-6'], ['2xx', '--series-3'], ['other', '--series-4']] as const
const BANDS = [['P99', 'p99_ms', '--series-5'], ['P90', 'p90_ms', '--series-2'], ['P50', 'p50_ms', '--series-1']] as const

/** Throughput, latency and failures over the same time. */
export function Charts () {
  const { place, go } = usePlace()
  const seconds = bucketOf(place.range)
  const asking = useQuery('requests', { ...askedOf(place), precision: precisionOf(place.range), bucket_seconds: seconds, limit: 1_000 }, ['traces'])
  const { result } = asking
  const drawn = useMemo(() => {
    const [from, to] = edgesOf(place.range)
    const { times, rows } = bucketsOf(result?.rows ?? [], from, to, seconds)
    const perSecond = (name: string): Array<number | null> => column(rows, name, 0).map(value => (value ?? 0) / seconds)
    return {
      times,
      throughput: CLASSES.filter(([name]) => name !== 'other' || rows.some(row => (row?.['status_other'] ?? 0) > 0))
        .map(([name, color]) => ({ label: name, color, values: perSecond(`status_${name}`) })),
      latency: BANDS.map(([label, name, color]) => ({ label, color, values: column(rows, name, null) })),
      errors: [{ label: 'Errors', color: '--series-5', values: column(rows, 'errors', 0) }]
    }
  }, [result, place.range.from, place.range.to, seconds])
  const drag = (from: number, to: number): void => {
    const range = draggedRange(from, to)
    if (range !== undefined) go({ range })
  }
  return (
    <div class={`charts ${asking.stale ? 'stale' : ''}`} aria-busy={asking.stale}>
      <Card title='Requests per second' asking={asking}>
        <Chart label='Requests per second by class of status' kind='bars' times={drawn.times} series={drawn.throughput} format={formatNumber} onRange={drag} />
      </Card>
      <Card title='Latency' asking={asking}>
        <Chart label='Latency' kind='lines' times={drawn.times} series={drawn.latency} format={formatDuration} onRange={drag} />
      </Card>
      <Card title='Errors' asking={asking}>
        <Chart label={`Failed requests each ${formatDuration(seconds * 1_000)}`} kind='bars' times={drawn.times} series={drawn.errors} format={formatCount} onRange={drag} />
      </Card>
    </div>
  )
}
