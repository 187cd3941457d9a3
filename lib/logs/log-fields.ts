import { isSpanContextValid, type Span, type SpanContext } from '@opentelemetry/api'
import type { AmbientScope } from '../ambient/context-attributes.ts'
import { LOG_FIELD_OF_ATTRIBUTE, ORGANIZATION_FIELD } from '../vocabulary/context.ts'

/** What a line is made of: an attribute of such a name would say something else. */
const LINE_FIELDS: ReadonlySet<string> = new Set(['level', 'time', 'msg'])

/** What a log line gets, by field name. */
export type LogFields = Record<string, unknown>

/** How Datadog's fields are written, and what is known of the service. */
export interface LogFieldOptions {
  readonly ddFormat: 'decimal64' | 'hex128'
  readonly keys: 'flat' | 'nested'
  readonly service: string | undefined
  readonly env: string | undefined
  readonly version: string | undefined
}

/** In every name of a span's field; one expression costs less than three searches, each of which leaves JavaScript. */
const ANY_ID = /trace_|span_id|"dd/

const ANY_SPAN: SpanContext = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 0 }

/** Makes the fields of log lines. */
export class LogFieldFormatter {
  readonly #options: LogFieldOptions
  /** `dd.service`, `dd.env`, `dd.version`, as far as they are known. */
  readonly #serviceFields: LogFields
  /** The same as the JSON text that follows other fields. */
  readonly #serviceText: string
  readonly #idNames: ReadonlySet<string>

  constructor (options: LogFieldOptions) {
    this.#options = options
    const { service, env, version } = options
    this.#serviceFields = Object.fromEntries(Object.entries({ service, env, version }).filter(([, value]) => value !== undefined))
    this.#serviceText = Object.entries(this.#serviceFields)
      .map(([name, value]) => `,"${this.#isNested ? '' : 'dd.'}${name}":${JSON.stringify(value)}`).join('')
    this.#idNames = new Set(Object.keys(this.ofSpan(ANY_SPAN)))
  }

  get #isNested (): boolean {
    return this.#options.keys === 'nested'
  }

  /** Whether one of a span's fields has this name. */
  isId (name: string): boolean {
    return this.#idNames.has(name)
  }

  /** Whether a text may hold the name of one of them. */
  mayHaveId (text: string): boolean {
    return ANY_ID.test(text)
  }

  /** What {@link ofSpan} says, as the JSON text that follows other fields; empty for a span that has no ids. */
  textOfSpan (spanContext: SpanContext): string {
    if (!isSpanContextValid(spanContext)) return ''
    const { traceId, spanId, traceFlags } = spanContext
    const flags = (traceFlags & 0xff).toString(16).padStart(2, '0')
    const ddTraceId = this.#options.ddFormat === 'hex128' ? traceId : decimal(traceId.slice(16))
    const ids = `,"trace_id":"${traceId}","span_id":"${spanId}","trace_flags":"${flags}"`
    return this.#isNested
      ? `${ids},"dd":{"trace_id":"${ddTraceId}","span_id":"${decimal(spanId)}"${this.#serviceText}}`
      : `${ids},"dd.trace_id":"${ddTraceId}","dd.span_id":"${decimal(spanId)}"${this.#serviceText}`
  }

  /**
   * Everything that a line gets from the span and the scope that it is about.
   *
   * @param organization whose work it was written in, where that is said apart from the request
   */
  ofLine (span: Span | undefined, scope: AmbientScope | undefined, organization?: string): LogFields {
    const fields = this.ofAsker(scope, organization)
    return span === undefined ? fields : Object.assign(fields, this.ofSpan(span.spanContext()))
  }

  /** The ids of a span, in OpenTelemetry's and in Datadog's fields. Nothing for a span that has none. */
  ofSpan (spanContext: SpanContext): LogFields {
    if (!isSpanContextValid(spanContext)) return {}
    const { traceId, spanId, traceFlags } = spanContext
    const dd: LogFields = {
      trace_id: this.#options.ddFormat === 'hex128' ? traceId : decimal(traceId.slice(16)),
      span_id: decimal(spanId),
      ...this.#serviceFields
    }
    return {
      trace_id: traceId,
      span_id: spanId,
      trace_flags: (traceFlags & 0xff).toString(16).padStart(2, '0'),
      ...(this.#isNested ? { dd } : prefixed(dd))
    }
  }

  /** Who asks, and for whom work is done; that has the last word. */
  ofAsker (scope: AmbientScope | undefined, organization: string | undefined): LogFields {
    const fields = scope === undefined ? {} : this.ofScope(scope)
    if (organization !== undefined) fields[ORGANIZATION_FIELD] = organization
    return fields
  }

  /** Who makes the request: ids found in its URL, then what its headers and its code say, which wins. */
  ofScope (scope: AmbientScope): LogFields {
    const fields: LogFields = {}
    const { pathIds } = scope
    // An organization decides who may read the line: what anybody may write into a URL does not.
    for (const field of Object.keys(pathIds)) if (field !== ORGANIZATION_FIELD) fields[field] = pathIds[field]
    for (const attributes of [scope.logged, scope.attributes]) {
      for (const name of Object.keys(attributes)) {
        const field = LOG_FIELD_OF_ATTRIBUTE.get(name) ?? name
        if (!LINE_FIELDS.has(field)) fields[field] = attributes[name]
      }
    }
    return fields
  }
}

/** Datadog takes ids as unsigned 64-bit decimals, as strings: a JavaScript number would round them. */
function decimal (hexadecimal: string): string {
  return BigInt(`0x${hexadecimal}`).toString()
}

function prefixed (fields: LogFields): LogFields {
  const flat: LogFields = {}
  for (const name of Object.keys(fields)) flat[`dd.${name}`] = fields[name]
  return flat
}
