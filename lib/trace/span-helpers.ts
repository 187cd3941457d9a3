import { isSpanContextValid, trace, type Attributes, type AttributeValue } from '@opentelemetry/api'
import { PARAMETER_LIMITS } from '../vocabulary/method-tracing.ts'
import { REDACTED, isSecret } from '../vocabulary/secrets.ts'
import { valueText } from './value-text.ts'

/** Attributes of a span or an event, before they are made what these can hold. */
export type LoggedAttributes = Readonly<Record<string, unknown>>

/**
 * Adds an event to the current span. Values that are no text, number or boolean become text, up to 2 MB; undefined and null
 * are left out, and what names a secret is `REDACTED`. Outside a span nothing happens. Never throws.
 *
 * @param name for example `tool call rejected`
 */
export function logEvent (name: string, attributes: LoggedAttributes = {}): void {
  const span = trace.getActiveSpan()
  if (span?.isRecording() !== true) return
  try {
    span.addEvent(String(name), recordable(attributes))
  } catch {
    // Attributes may be a proxy: telemetry never breaks its caller.
  }
}

/** Sets attributes on the current span; values become text as with {@link logEvent}. Outside a span nothing happens. Never throws. */
export function logAttributes (attributes: LoggedAttributes): void {
  const span = trace.getActiveSpan()
  if (span?.isRecording() !== true) return
  try {
    span.setAttributes(recordable(attributes))
  } catch {
    // As above.
  }
}

/** The id of the current trace, 32 hexadecimal digits; nothing outside a span. */
export function getTraceId (): string | undefined {
  const spanContext = trace.getActiveSpan()?.spanContext()
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext.traceId : undefined
}

function recordable (attributes: LoggedAttributes): Attributes {
  const result: Attributes = {}
  for (const name of Object.keys(attributes)) {
    const value = attributes[name]
    if (value !== undefined && value !== null) result[name] = isSecret(name, value) ? REDACTED : attributeValue(value)
  }
  return result
}

function attributeValue (value: unknown): AttributeValue {
  return typeof value === 'number' || typeof value === 'boolean' ? value : valueText(value, PARAMETER_LIMITS).text
}
