import type { ComponentChildren } from 'preact'

/** What stands in place of a secret, or of what was cut off. */
const MARKER = /\bREDACTED\b|… \(truncated, original size: \d+ chars\)/g
const OPEN_DEPTH = 2
const ITEMS_SHOWN = 200

/** JSON whose parts fold, with what was taken out of it marked. */
export function JsonView ({ value, label = 'JSON' }: { value: unknown, label?: string }) {
  return <div class='json' tabIndex={0} role='region' aria-label={label}><Part value={value} depth={0} /></div>
}

function Part ({ name, value, depth }: { name?: string, value: unknown, depth: number }) {
  const key = name === undefined ? null : <span class='key'>{name}: </span>
  if (typeof value !== 'object' || value === null) return <div class='item'>{key}<Plain value={value} /></div>
  const entries = Object.entries(value)
  const list = Array.isArray(value)
  return (
    <details open={depth < OPEN_DEPTH}>
      <summary>{key}<span class='muted'>{list ? `[${entries.length}]` : `{${entries.length}}`}</span></summary>
      {entries.slice(0, ITEMS_SHOWN).map(([name, item]) => <Part key={name} name={name} value={item} depth={depth + 1} />)}
      {entries.length > ITEMS_SHOWN && <div class='item muted'>and {entries.length - ITEMS_SHOWN} more</div>}
    </details>
  )
}

function Plain ({ value }: { value: unknown }) {
  if (typeof value !== 'string') return <span class='plain'>{String(value)}</span>
  return <span class='text'>{marked(value)}</span>
}

function marked (text: string): ComponentChildren {
  const parts: ComponentChildren[] = []
  let end = 0
  for (const { 0: found, index } of text.matchAll(MARKER)) {
    parts.push(text.slice(end, index), <mark key={index} class='redacted'>{found}</mark>)
    end = index + found.length
  }
  return [...parts, text.slice(end)]
}
