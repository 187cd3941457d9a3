import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  TraceFlags, trace, type Context, type SpanContext, type TextMapGetter, type TextMapPropagator, type TextMapSetter
} from '@opentelemetry/api'

const MEMBERS_MAX = 32
/** 32 members of the greatest length, 256 + 1 + 256 characters, with their commas and spaces. */
const LENGTH_MAX = 32 * 520
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
    if (this.#read(context, { traceparent: parent }) === undefined) return context
    const state = valid(getter.get(carrier, 'tracestate'))
    const remote = this.#read(context, { traceparent: parent, ...(state !== undefined && { tracestate: state }) })
    if (remote === undefined) return context
    const known: SpanContext = { ...remote, traceFlags: remote.traceFlags & TraceFlags.SAMPLED }
    return trace.setSpanContext(context, known)
  }

  #read (context: Context, headers: Record<string, string>): SpanContext | undefined {
    const extracted = this.#lenient.extract(context, headers, recordGetter)
    return extracted === context ? undefined : trace.getSpanContext(extracted)
  }

  fields (): string[] {
    return this.#lenient.fields()
  }
}

const recordGetter: TextMapGetter<Record<string, string>> = { keys: Object.keys, get: (headers, key) => headers[key] }

function only (header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? (header.length === 1 ? header[0] : undefined) : header
}

/** Repeated `tracestate` headers are one list; empty members are allowed and dropped. */
function valid (header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : header
  if (text === undefined || text.length > LENGTH_MAX) return undefined
  const members = text.split(',').map(member => trimmed(member)).filter(member => member !== '')
  if (members.length === 0 || members.length > MEMBERS_MAX) return undefined
  const keys = new Set<string>()
  for (const member of members) {
    const equals = member.indexOf('=')
    const key = member.slice(0, equals)
    if (equals === -1 || !KEY.test(key) || !VALUE.test(member.slice(equals + 1)) || keys.has(key)) return undefined
    keys.add(key)
  }
  return members.join(',')
}

/** Without spaces and tabs around it. An expression that looks for them at the end tries every one of them. */
function trimmed (text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank (code: number): boolean {
  return code === 32 || code === 9
}
