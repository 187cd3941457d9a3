import type { Result, Row } from '../../data/client.ts'
import { csvOf } from '../../format/csv.ts'
import { formatDuration, formatExact } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { DataTable } from '../../parts/data-table.tsx'

export function SqlResult ({ result }: { result: Result }) {
  const { rows, truncated, elapsed_ms: elapsed } = result
  const names = Object.keys(result.columns)
  const numbered = rows.map((row, index): Row => ({ index, row }))
  return (
    <Card
      title='Rows'
      extra={
        <>
          <span class='muted'>{formatExact(rows.length)}{truncated ? ', and more that are not shown' : ''} in {formatDuration(elapsed)}</span>
          <CopyButton text={() => csvOf(names, rows)}>Copy as CSV</CopyButton>
          <CopyButton text={() => JSON.stringify(rows, undefined, 2)}>Copy as JSON</CopyButton>
        </>
      }
    >
      {rows.length === 0
        ? <p class='muted'>The statement gave no rows.</p>
        : (
          <DataTable
            label='Rows' rows={numbered} rowKey={({ index }) => String(index)}
            columns={names.map(name => ({
              title: name, by: ({ row }) => sortable(row[name]), cell: ({ row }) => <span title={shown(row[name])}>{shown(row[name])}</span>, end: isNumeric(rows, name)
            }))}
          />
          )}
    </Card>
  )
}

function shown (value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Whole numbers of 64 bits come as text, so that none of their digits is lost. */
function sortable (value: unknown): number | string {
  if (typeof value === 'number') return value
  const text = shown(value)
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
}

function isNumeric (rows: readonly Row[], name: string): boolean {
  return rows.every(row => row[name] === null || typeof sortable(row[name]) === 'number')
}
