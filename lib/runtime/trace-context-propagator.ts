import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  TraceFlags, trace, type Context, type SpanContext, type TextMapGetter, type TextMapPropagator, type TextMapSetter
} from '@opentelemetry/api'

const MEMBERS_MAX = 32
// Level 1, section 3.3.1.3: keys are lower case, with at most one '@' that separates a tenant from a system.
const KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/
// Printable ASCII without ',' and '=', not ending in a space.
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * W3C Trace Context, level 1, on OpenTelemetry's propagator, which is more lenient than the recommendation in three
 * points: two `traceparent` headers are no valid one, a `tracestate` that cannot be parsed or is too long is dropped
 * whole instead of in part, and of the flags only those that level 1 defines are passed on.
 */
export class TraceContextPropagator implements TextMapPropagator {
  readonly #lenient = new W3CTraceContextPropagator()

  inject (context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#lenient.inject(context, carrier, setter)
  }

  extract (context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const parent = only(getter.get(carrier, 'traceparent'))
    // Node joins repeated headers with a comma, which no version of the header contains.
    if (parent === undefined || parent.includes(',')) return context
    const state = valid(getter.get(carrier, 'tracestate'))
    const headers: Record<string, string> = { traceparent: parent, ...(state !== undefined && { tracestate: state }) }
    const extracted = this.#lenient.extract(context, headers, { keys: Object.keys, get: (from, key) => from[key] })
    const remote = trace.getSpanContext(extracted)
    if (extracted === context || remote === undefined) return context
    const known: SpanContext = { ...remote, traceFlags: remote.traceFlags & TraceFlags.SAMPLED }
    return trace.setSpanContext(context, known)
  }

  fields (): string[] {
    return this.#lenient.fields()
  }
}

function only (header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? (header.length === 1 ? header[0] : undefined) : header
}

/** Repeated `tracestate` headers are one list; empty members are allowed and dropped. */
function valid (header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  const members = (Array.isArray(header) ? header.join(',') : header)
    .split(',').map(member => member.replace(/^[ \t]+|[ \t]+$/g, '')).filter(member => member !== '')
  const keys = new Set<string>()
  for (const member of members) {
    const equals = member.indexOf('=')
    const key = member.slice(0, equals)
    if (equals === -1 || !KEY.test(key) || !VALUE.test(member.slice(equals + 1)) || keys.has(key)) return undefined
    keys.add(key)
  }
  return members.length === 0 || members.length > MEMBERS_MAX ? undefined : members.join(',')
}
