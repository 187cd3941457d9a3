import { useRef, useState } from 'preact/hooks'
import type { Row } from '../../data/client.ts'
import { pairsText } from '../../format/pairs.ts'
import { formatTime, formatWhole } from '../../format/time.ts'
import { Attributes } from '../../parts/attributes.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { JsonView } from '../../parts/json-view.tsx'
import { PlaceLink } from '../../parts/rail.tsx'
import { usePlace } from '../../state/place-context.ts'

/** The newest lines on top. Who scrolls reads: the lines stay as they are until they are back at the top. */
export function LogTail ({ rows, truncated }: { rows: readonly Row[], truncated: boolean }) {
  const [held, setHeld] = useState<readonly Row[] | undefined>()
  const [open, setOpen] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const latest = useRef(rows)
  latest.current = rows
  const shown = held ?? rows
  const fresh = held === undefined ? 0 : rows.findIndex(row => keyOf(row) === keyOf(held[0]!))
  return (
    <>
      {held !== undefined && (
        <div class='row' role='status'>
          <span class='muted'>Held while you read.</span>
          <button type='button' onClick={() => { list.current!.scrollTop = 0 }}>{fresh === 0 ? 'Go on' : `Show ${fresh < 0 ? 'all that is' : fresh} newer`}</button>
        </div>
      )}
      <div
        ref={list} class='tail' data-list tabIndex={0} role='region' aria-label='Newest lines'
        onScroll={event => { setHeld(event.currentTarget.scrollTop > 0 ? (held ?? latest.current) : undefined) }}
      >
        {shown.map((row, index) => {
          const key = `${keyOf(row)} ${index}`
          return <LogLine key={key} row={row} open={open === key} onToggle={() => { setOpen(open === key ? '' : key) }} />
        })}
        {truncated && <p class='empty'>Older lines are not shown: ask for a shorter time, or for less.</p>}
      </div>
    </>
  )
}

function keyOf (row: Row): string {
  return `${row['time']} ${row['span_id']} ${row['body']}`
}

function LogLine ({ row, open, onToggle }: { row: Row, open: boolean, onToggle: () => void }) {
  const { filter } = usePlace()
  const parsed = open ? parsedJson(row['body']) : undefined
  return (
    <div class='logline'>
      <span title={formatWhole(row['time'])}>{formatTime(row['time'])}</span>
      <span class={`level-${String(row['severity']).toLowerCase()}`}>{row['severity']}</span>
      <button type='button' class={`line ${open ? '' : 'clip'}`} data-item aria-expanded={open} onClick={onToggle}>{row['body']} {!open && <span class='muted'>{brief(row['attributes'])}</span>}</button>
      <span>{row['trace_id'] !== '' && <PlaceLink to={{ view: 'traces', id: row['trace_id'], filters: { span: row['span_id'] } }}>Show trace</PlaceLink>}</span>
      {open && (
        <div class='panel' style={{ gridColumn: '1 / -1', position: 'static' }}>
          {parsed !== undefined && <JsonView value={parsed} />}
          <Attributes of={row['attributes']} onChoose={(name, value) => { filter({ attributes: pairsText({ [name]: value }) }) }} />
          <section><h3>{row['service']}</h3><Attributes of={row['resource']} /></section>
          <CopyButton text={() => JSON.stringify(row, undefined, 2)}>Copy line as JSON</CopyButton>
        </div>
      )}
    </div>
  )
}

function brief (attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes).map(([name, value]) => `${name}=${value}`).join(' ')
}

/** A body that is a JSON object or list; other JSON reads as it is. */
function parsedJson (text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
