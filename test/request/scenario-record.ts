/** What a scenario recorded, so that a run with one engine can be compared with a run with the other. */
import { appendFileSync, readFileSync } from 'node:fs'
import type { LettaOtelOptions } from '../../lib/index.ts'
import { finishedSpans, type FinishedSpan } from '../../lib/testing.ts'

/** Environment variables of a process that runs scenarios. */
export const ENGINE = 'ENGINE_UNDER_TEST'
export const RECORD = 'SCENARIO_RECORD'

/** The engine that the environment asks for; the default where it asks for none. */
export function engineUnderTest (): Pick<LettaOtelOptions, 'engine'> {
  const engine = process.env[ENGINE]
  return engine === 'fast' || engine === 'sdk' ? { engine } : {}
}

/** Adds the spans of a scenario to the record, if there is one. */
export function recordScenario (name: string): void {
  const path = process.env[RECORD]
  if (path === undefined) return
  const spans = finishedSpans()
  const names = new Map(spans.map(span => [span.spanId, span.name]))
  const comparable = spans.map(span => JSON.stringify(comparableSpan(span, names))).sort()
  appendFileSync(path, `${JSON.stringify({ name, spans: comparable })}\n`)
}

/** The spans of each scenario, in the order in which they ran. */
export function readRecord (path: string): Array<{ name: string, spans: unknown[] }> {
  return readFileSync(path, 'utf8').trimEnd().split('\n').map(line => {
    const { name, spans } = JSON.parse(line) as { name: string, spans: string[] }
    return { name, spans: spans.map(span => JSON.parse(span) as unknown) }
  })
}

/** Values that two runs cannot have in common. */
const OF_ONE_RUN = new Set(['network.peer.port', 'server.port', 'client.port', 'letta.ttfb_ms', 'exception.stacktrace'])

/** A span without ids, clocks and ports: a parent is named. */
function comparableSpan ({ attributes, events, links, parentSpanId, resource, ...span }: FinishedSpan, names: ReadonlyMap<string, string>): object {
  return {
    ...span,
    traceId: /^[0-9a-f]{32}$/.test(span.traceId),
    spanId: /^[0-9a-f]{16}$/.test(span.spanId),
    parent: parentSpanId === undefined ? 'none' : names.get(parentSpanId) ?? 'elsewhere',
    startTimeUnixNano: span.startTimeUnixNano > 0n,
    endTimeUnixNano: span.endTimeUnixNano >= span.startTimeUnixNano,
    attributes: comparableAttributes(attributes),
    events: events.map(event => ({ name: event.name, attributes: comparableAttributes(event.attributes) })),
    links: links.map(link => comparableAttributes(link.attributes)),
    resource: Object.keys(resource)
  }
}

/** In the order of their names: engines may set them in another one. */
function comparableAttributes (attributes: FinishedSpan['attributes']): object {
  return Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => [name, OF_ONE_RUN.has(name) ? typeof value : withoutPort(value)]))
}

function withoutPort (value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/127\.0\.0\.1:\d+/, '127.0.0.1') : value
}
