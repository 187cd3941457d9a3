import { getNumberFromEnv } from '@opentelemetry/core'
import type { SpanLimits } from '@opentelemetry/sdk-trace'

/** The limits that `OTEL_*` variables set; the SDK's own where they say nothing. */
export function spanLimits (): SpanLimits {
  return present({
    attributeCountLimit: limit('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ?? limit('OTEL_ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLengthLimit: limit('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? limit('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    eventCountLimit: limit('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCountLimit: limit('OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCountLimit: limit('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributePerLinkCountLimit: limit('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT')
  })
}

function limit (variable: string): number | undefined {
  const value = getNumberFromEnv(variable)
  return value !== undefined && value >= 0 ? value : undefined
}

function present (limits: { [Name in keyof SpanLimits]: SpanLimits[Name] | undefined }): SpanLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
