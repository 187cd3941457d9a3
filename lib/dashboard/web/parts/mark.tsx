const CLASS: Readonly<Record<string, string>> = { Error: 'error', error: 'error', ok: 'ok', Ok: 'ok', running: 'running muted', cancelled: 'warn', disconnected: 'warn', incomplete: 'warn' }
const WORD: Readonly<Record<string, string>> = { Error: 'error', Ok: 'ok', Unset: 'ok', '': 'ok' }

/** How something ended, by colour, shape and word. */
export function Mark ({ status }: { status: string }) {
  return <span class={`mark ${CLASS[status] ?? 'ok'}`}>{WORD[status] ?? status}</span>
}
