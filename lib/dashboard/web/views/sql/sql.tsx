import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, AskError, type Result } from '../../data/client.ts'
import { Card } from '../../parts/card.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { usePlace } from '../../state/place-context.ts'
import { NamedList } from './named-list.tsx'
import { SqlResult } from './sql-result.tsx'

const FIRST = `SELECT ServiceName, SpanName, count() AS spans, quantile(0.99)(Duration) / 1e6 AS p99_ms
FROM otel_traces
WHERE Timestamp > now() - INTERVAL 1 HOUR
GROUP BY ALL
ORDER BY spans DESC
LIMIT 20`

/** Any statement that reads. What the address holds is run when it is opened: nothing that it could say changes anything. */
export function Sql () {
  const { place, filter } = usePlace()
  const given = place.filters['sql'] ?? ''
  const [text, setText] = useState(given === '' ? FIRST : given)
  const [state, setState] = useState<{ result?: Result, error?: AskError, busy: boolean }>({ busy: false })

  const running = useRef<AbortController>(undefined)

  /** Only what was asked last is shown, whatever takes longest. */
  const run = async (sql: string): Promise<void> => {
    running.current?.abort()
    const { signal } = running.current = new AbortController()
    setState(before => ({ ...before, busy: true }))
    try {
      const result = await ask('/api/sql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sql }), signal })
      if (!signal.aborted) setState({ result, busy: false })
    } catch (problem) {
      if (!signal.aborted) setState({ error: problem as AskError, busy: false })
    }
  }
  useEffect(() => () => { running.current?.abort() }, [])
  useEffect(() => {
    if (given === '') return
    setText(given)
    void run(given)
  }, [given])
  const submit = (): void => {
    if (text === given) void run(text)
    else filter({ sql: text })
  }

  return (
    <div class='console'>
      <NamedList onChoose={sql => { filter({ sql }) }} />
      <div class='stack'>
        <Card title='Statement'>
          <label>
            <span class='hidden'>SQL</span>
            <textarea
              value={text} data-search spellcheck={false} onInput={event => { setText(event.currentTarget.value) }}
              onKeyDown={event => {
                if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
                event.preventDefault()
                submit()
              }}
            />
          </label>
          <div class='row'>
            <button type='button' class='primary' onClick={submit}>Run</button>
            <span class='muted'><kbd>Ctrl</kbd> <kbd>Enter</kbd></span>
            <span class='muted'>It can read, and nothing else: 1,000 rows, 16 MiB and 10 seconds at most.</span>
            <CopyButton text={text}>Copy SQL</CopyButton>
          </div>
        </Card>
        {state.error !== undefined && <div class='failure' role='alert'><strong>{state.error.code}</strong><pre>{state.error.message}</pre></div>}
        {state.result !== undefined && <div class={state.busy ? 'stale' : ''} aria-busy={state.busy}><SqlResult result={state.result} /></div>}
      </div>
    </div>
  )
}
