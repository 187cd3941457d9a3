import { useState } from 'preact/hooks'
import type { Asking } from '../data/use-query.ts'
import { formatDuration } from '../format/numbers.ts'
import { literalSql } from '../format/sql.ts'
import { CopyButton } from './copy-button.tsx'
import { Dialog } from './dialog.tsx'
import { PlaceLink } from './rail.tsx'

/** Where numbers are from: the statement, and what came of it. */
export function QueryButton ({ asking, label = 'Query' }: { asking: Asking, label?: string }) {
  const [open, setOpen] = useState(false)
  const { result, url } = asking
  if (result === undefined) return null
  const sql = literalSql(result.query.sql, result.query.parameters)
  return (
    <>
      <button type='button' class='quiet' aria-label={`Show query: ${result.query.title}`} onClick={() => { setOpen(true) }}>{label}</button>
      {open && (
        <Dialog title={`Query: ${result.query.title}`} onClose={() => { setOpen(false) }}>
          <div class='stack'>
            <div class='row'>
              <span class='muted'>{result.rows.length} rows{result.truncated ? ' (as many as were allowed: there may be more)' : ''} in {formatDuration(result.elapsed_ms)}</span>
              <CopyButton text={sql}>Copy SQL</CopyButton>
              <CopyButton text={curlOf(url, result.authorized)}>Copy curl</CopyButton>
              <PlaceLink to={{ view: 'sql', id: '', filters: { sql } }}>Open in SQL</PlaceLink>
            </div>
            <pre tabIndex={0}>{sql}</pre>
          </div>
        </Dialog>
      )}
    </>
  )
}

/** The page's own credentials are the browser's, which tells them to nobody: whoever runs it fills theirs in. */
function curlOf (url: string, authorized: boolean): string {
  return `curl ${authorized ? "-H 'Authorization: Bearer <token>' " : ''}'${new URL(url, location.href).href.replaceAll("'", '%27')}'`
}
