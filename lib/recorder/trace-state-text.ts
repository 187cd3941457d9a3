import type { TraceState } from '@opentelemetry/api'

/** What a trace state says; nothing where code without types gives one that cannot say it: the rest of its span is known. */
export function traceStateText (traceState: TraceState): string {
  try {
    const text: unknown = traceState.serialize()
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}
