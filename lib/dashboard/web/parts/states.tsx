import type { ComponentChildren } from 'preact'
import type { Asking } from '../data/use-query.ts'
import { CopyButton } from './copy-button.tsx'

/** What is missing, and the line that sends it. */
export function Empty ({ children, line }: { children: ComponentChildren, line?: string }) {
  return (
    <div class='empty'>
      <div>{children}</div>
      {line !== undefined && <><pre>{line}</pre><CopyButton text={line}>Copy</CopyButton></>}
    </div>
  )
}

export function Failure ({ asking }: { asking: Asking }) {
  const { error, retry, url } = asking
  if (error === undefined) return null
  return (
    <div class='failure' role='alert'>
      <strong>{error.code}</strong>
      <pre>{error.message}</pre>
      <code>{decodeURIComponent(url)}</code>
      <div class='row'><button type='button' onClick={retry}>Try again</button><CopyButton text={`${error.code}: ${error.message}\n${url}`}>Copy</CopyButton></div>
    </div>
  )
}

/** An answer in its state: what failed, nothing yet, or what there is, dimmed while it is of another question. */
export function Answered ({ asking, children }: { asking: Asking, children: (rows: NonNullable<Asking['result']>['rows']) => ComponentChildren }) {
  const { result, error, stale } = asking
  if (error !== undefined) return <Failure asking={asking} />
  if (result === undefined) return <div class='empty' aria-busy='true'>Loading</div>
  return <div class={stale ? 'stale' : ''} aria-busy={stale}>{children(result.rows)}</div>
}

export const SEND_TELEMETRY = `export OTEL_EXPORTER_OTLP_ENDPOINT=${typeof location === 'undefined' ? 'http://127.0.0.1:4318' : location.origin}`
