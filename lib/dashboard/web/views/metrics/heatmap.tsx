import type { Row } from '../../data/client.ts'

interface HeatmapProps {
  label: string
  /** Of the query `metric-heatmap`. */
  rows: readonly Row[]
  exemplars: readonly Row[]
  /** Milliseconds since the epoch. */
  edges: readonly [from: number, to: number]
  seconds: number
  format: (value: number | null) => string
  onExemplar: (row: Row) => void
}

const WIDTH = 1_000
const HEIGHT = 260
const LEFT = 72
const BOTTOM = 20
const LABELS_AT_MOST = 12
const FAINTEST = 0.12

/** Time to the right, buckets upwards, and the darker the more measurements; exemplars are dots that open their traces. */
export function Heatmap ({ label, rows, exemplars, edges: [from, to], seconds, format, onExemplar }: HeatmapProps) {
  const uppers = [...new Set(rows.map(row => row['upper'] === null ? Infinity : row['upper'] as number))].sort((one, other) => one - other)
  const most = rows.reduce((most, row) => Math.max(most, row['measurements'] as number), 0)
  const all = rows.reduce((sum, row) => sum + (row['measurements'] as number), 0)
  const start = Math.floor(from / 1_000 / seconds) * seconds * 1_000
  const x = (milliseconds: number): number => LEFT + (milliseconds - start) / (to - start) * (WIDTH - LEFT)
  const line = (HEIGHT - BOTTOM) / Math.max(1, uppers.length)
  const y = (index: number): number => HEIGHT - BOTTOM - (index + 1) * line
  const every = Math.ceil(uppers.length / LABELS_AT_MOST)
  if (rows.length === 0) return <p class='muted'>Nothing was measured in this time.</p>
  return (
    <svg class='heatmap' viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio='none' role='img' aria-label={`${label}: ${all} measurements in ${uppers.length} buckets`}>
      {rows.map(row => {
        const time = Date.parse(row['time'] as string)
        const index = uppers.indexOf(row['upper'] === null ? Infinity : row['upper'])
        return (
          <rect key={`${time} ${index}`} x={x(time)} y={y(index)} width={Math.max(1, x(time + seconds * 1_000) - x(time) - 1)} height={Math.max(1, line - 1)} fill='var(--accent)' fill-opacity={Math.max(FAINTEST, Math.sqrt(row['measurements'] / most))}>
            <title>{`${row['measurements']} up to ${row['upper'] === null ? 'any value' : format(row['upper'])}, ${new Date(time).toLocaleTimeString('en-GB')}`}</title>
          </rect>
        )
      })}
      {exemplars.map(row => {
        const index = uppers.findIndex(upper => row['value'] <= upper)
        return index < 0
          ? null
          : <rect key={`${row['time']} ${row['trace_id']}`} class='dot' x={x(Date.parse(row['time'])) - 4} y={y(index) + line / 2 - 4} width={8} height={8} rx={4} onClick={() => { onExemplar(row) }}><title>{`${format(row['value'])}: open its trace`}</title></rect>
      })}
      {uppers.map((upper, index) => index % every === 0 && <text key={upper} x={LEFT - 8} y={y(index) + Math.min(line, 12)} text-anchor='end'>{upper === Infinity ? 'more' : format(upper)}</text>)}
      {[0, 0.25, 0.5, 0.75].map(part => <text key={part} x={LEFT + part * (WIDTH - LEFT)} y={HEIGHT - 4}>{new Date(start + part * (to - start)).toLocaleTimeString('en-GB')}</text>)}
    </svg>
  )
}
