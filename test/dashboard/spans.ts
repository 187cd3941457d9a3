import fc from 'fast-check'
import type { SpanRow } from '../../lib/dashboard/web/trace/tree.ts'

const START = Date.parse('2026-11-21T10:00:00Z')

/** A span so many whole milliseconds after the start. */
export function row (id: string, parent: string, start: number, duration: number): SpanRow {
  return { span_id: id, parent_span_id: parent, started: new Date(START + start).toISOString(), duration_ms: duration }
}

const ids = fc.constantFrom(...'abcdefghij')

/** Spans that say anything of their parents, and may have the same id. */
export const someTrace = fc.array(
  fc.record({ id: ids, parent: fc.oneof(fc.constant(''), ids), start: fc.nat(1_000), duration: fc.nat(1_000) })
    .map(({ id, parent, start, duration }) => row(id, parent, start, duration)),
  { maxLength: 30 })
