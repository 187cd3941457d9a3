import type { Row } from '../../data/client.ts'
import type { Asking } from '../../data/use-query.ts'
import { formatCount, formatDollars, formatDuration } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { Mark } from '../../parts/mark.tsx'
import { PlaceLink } from '../../parts/rail.tsx'
import { millisecondsBetween } from '../../trace/tree.ts'

/** The time of the whole run, on which all of its work is drawn. */
interface RunWindow {
  readonly start: string
  readonly duration: number
}

interface StepCardProps {
  title: string
  step?: Row
  asking: Asking
  window: RunWindow
  calls: readonly Row[]
  tools: readonly Row[]
  opened: string
  onOpen: (call: Row) => void
}

export function StepCard ({ title, step, asking, window, calls, tools, opened, onOpen }: StepCardProps) {
  return (
    <Card title={title} asking={asking} extra={step !== undefined && <><Mark status={step['outcome']} /><span class='muted number'>{formatDuration(step['duration_ms'])} · {formatDollars(step['cost_usd'])}</span></>}>
      <div class='step' data-list>
        {calls.map(call => (
          <div key={call['call_id']} class='work'>
            <button type='button' class='link clip mono' data-item aria-expanded={opened === call['call_id']} onClick={() => { onOpen(call) }}>
              {opened === call['call_id'] ? '▾' : '▸'} {call['provider']} {call['model']}{call['outcome'] === 'ok' ? '' : ` · ${call['outcome']} ${call['error_type']}`}
            </button>
            <CallBar call={call} window={window} />
            <span class='figures-of'>{formatDuration(call['ttft_ms'])} / {formatDuration(call['duration_ms'])} · {formatCount(call['input_tokens'])} → {formatCount(call['output_tokens'])} · {formatDollars(call['cost_usd'])}</span>
          </div>
        ))}
        {tools.map(tool => (
          <div key={tool['span_id']} class='work'>
            <PlaceLink class='clip mono' to={{ view: 'traces', id: tool['trace_id'], filters: { span: tool['span_id'] } }}>⚙ {tool['tool']}{tool['outcome'] === 'ok' ? '' : ` · ${tool['outcome']} ${tool['error_type']}`}</PlaceLink>
            <div class='timeline'><i class={tool['outcome'] === 'error' ? 'failed' : 'tool'} style={place(tool, window, tool['duration_ms'])} /></div>
            <span class='figures-of'>{formatDuration(tool['duration_ms'])}</span>
          </div>
        ))}
      </div>
    </Card>
  )
}

/** A call, split where its first token came. */
function CallBar ({ call, window }: { call: Row, window: RunWindow }) {
  const whole = call['duration_ms'] as number | null ?? 0
  const waited = call['ttft_ms'] as number | null
  const failed = call['outcome'] === 'error'
  return (
    <div class='timeline' role='img' aria-label={`waited ${formatDuration(waited)} of ${formatDuration(whole)}`}>
      {waited !== null && <i class='waiting' style={place(call, window, waited)} />}
      <i class={failed ? 'failed' : 'answering'} style={place(call, window, whole - (waited ?? 0), waited ?? 0)} />
    </div>
  )
}

function place (row: Row, { start, duration }: RunWindow, length: number | null, after = 0) {
  const part = (milliseconds: number): string => `${duration === 0 ? 0 : Math.max(0, Math.min(1, milliseconds / duration)) * 100}%`
  return { left: part(millisecondsBetween(start, row['started'] as string) + after), width: part(length ?? 0) }
}
