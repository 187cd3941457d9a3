import type { Row } from '../../data/client.ts'
import type { Asking } from '../../data/use-query.ts'
import { formatDuration, formatNumber, formatRatio, NOTHING } from '../../format/numbers.ts'
import { QueryButton } from '../../parts/query-button.tsx'

interface Figure {
  readonly label: string
  readonly unit?: string
  readonly column: string
  readonly format: (value: number | null | undefined) => string
  /** Whether more of it is worse. */
  readonly worse: boolean
}

const FIGURES: readonly Figure[] = [
  { label: 'Requests per second', column: 'requests_per_second', format: formatNumber, worse: false },
  { label: 'Error rate', column: 'error_rate', format: formatRatio, worse: true },
  { label: 'P50', column: 'p50_ms', format: formatDuration, worse: true },
  { label: 'P99', column: 'p99_ms', format: formatDuration, worse: true }
]

export function Figures ({ now, before }: { now: Asking, before: Asking }) {
  const row = now.result?.rows[0]
  return (
    <div class={`figures ${now.stale ? 'stale' : ''}`} aria-busy={now.stale || before.stale}>
      {FIGURES.map(({ label, column, format, worse }) => (
        <section key={label} class='card figure' aria-label={label}>
          <div class='label'><span>{label}</span><QueryButton asking={now} /></div>
          <div class='value'>{row === undefined && column === 'requests_per_second' && now.result !== undefined ? '0' : format(row?.[column] as number | undefined)}</div>
          <Change was={before.result?.rows[0]} is={row} column={column} worse={worse} format={format} />
        </section>
      ))}
    </div>
  )
}

/** Less than a tenth is no change that anybody has to see. */
const NOTABLE = 0.1

function Change ({ was, is, column, worse, format }: { was: Row | undefined, is: Row | undefined, column: string, worse: boolean, format: Figure['format'] }) {
  const before = was?.[column] as number | null | undefined
  const after = is?.[column] as number | null | undefined
  if (typeof before !== 'number' || typeof after !== 'number') return <div class='muted'>before {before === undefined ? NOTHING : format(before)}</div>
  const part = before === 0 ? (after === 0 ? 0 : Infinity) : (after - before) / before
  const tone = !worse || Math.abs(part) < NOTABLE ? 'muted' : part > 0 ? 'error' : 'ok'
  const words = part === 0 ? 'as before' : Number.isFinite(part) ? `${part > 0 ? '▲' : '▼'} ${formatRatio(Math.abs(part))}` : '▲ new'
  return <div class={tone}>{words} <span class='muted'>before {format(before)}</span></div>
}
