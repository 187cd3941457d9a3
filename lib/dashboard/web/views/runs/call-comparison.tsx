import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatDollars, formatDuration, formatNumber, formatRatio } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable, type TableColumn } from '../../parts/data-table.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'

const BY = ['model', 'agent', 'provider'] as const
const figure = (title: string, name: string, format: (value: number | null) => string): TableColumn =>
  ({ title, end: true, by: row => (row[name] as number | null) ?? 0, cell: row => format(row[name]) })

/** LLM calls side by side. A row leads to its runs. */
export function CallComparison () {
  const { place, filter } = usePlace()
  const { range, filters } = place
  const by = BY.find(name => name === filters['by']) ?? 'model'
  const asking = useQuery('call-comparison', { from: range.from, to: range.to, by }, ['agents'])
  return (
    <Card
      title='LLM calls' asking={asking}
      extra={
        <div class='group' role='group' aria-label='Compare by'>
          {BY.map(name => <button key={name} type='button' aria-pressed={by === name} onClick={() => { filter({ by: name === 'model' ? '' : name }) }}>by {name}</button>)}
        </div>
      }
    >
      <Answered asking={asking}>
        {rows => rows.length === 0
          ? <p class='muted'>No LLM call ended in this time.</p>
          : (
            <DataTable
              label='LLM calls compared' rows={rows} rowKey={row => row['value']} onOpen={by === 'provider' ? undefined : row => { filter({ [by]: row['value'] }) }}
              columns={[
                { title: by, by: row => row['value'], cell: row => row['value'] === '' ? '(not known)' : row['value'] },
                figure('Calls', 'calls', formatCount),
                { title: 'Errors', end: true, by: row => row['error_rate'], cell: row => <span class={row['errors'] > 0 ? 'error' : ''}>{formatRatio(row['error_rate'])}</span> },
                figure('First token P50', 'ttft_p50_ms', formatDuration), figure('P99', 'ttft_p99_ms', formatDuration),
                figure('Whole P50', 'p50_ms', formatDuration), figure('Whole P90', 'p90_ms', formatDuration), figure('Whole P99', 'p99_ms', formatDuration),
                figure('Tokens/s', 'tokens_per_second', formatNumber), figure('In', 'input_tokens', formatCount), figure('Out', 'output_tokens', formatCount),
                figure('Cached', 'cached_input_tokens', formatCount), figure('Cost', 'cost_usd', formatDollars), figure('Each', 'cost_per_call_usd', formatDollars)
              ]}
            />
            )}
      </Answered>
    </Card>
  )
}
