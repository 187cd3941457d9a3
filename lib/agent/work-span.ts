import { INVALID_SPAN_CONTEXT, SpanStatusCode, trace, type Context, type HrTime, type Span, type SpanOptions } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE } from '../vocabulary/attributes.ts'
import { ATTR_LETTA_OUTCOME } from '../vocabulary/generative-ai.ts'
import type { AgentSettings } from './agent-settings.ts'
import { keptMessage, messageOfError, typeOfError, type WorkEnd } from './outcome.ts'

const STACK_MAX = 16_384

/** Starts the span of work. Where none can be had, what is within belongs to the span around it, as with a tracer that records nothing. */
export function startSpan ({ tracer, onFault }: AgentSettings, name: string, options: SpanOptions, base: Context): Span {
  try {
    return tracer.startSpan(name, options, base)
  } catch (fault) {
    onFault(fault)
    return trace.wrapSpanContext(trace.getSpanContext(base) ?? INVALID_SPAN_CONTEXT)
  }
}

/** Says on the span of work how that ended. */
export function describeEnd (span: Span, { outcome, errorType, error }: WorkEnd, { redaction }: AgentSettings, time: HrTime): void {
  span.setAttribute(ATTR_LETTA_OUTCOME, outcome)
  if (outcome === 'ok' || outcome === 'incomplete') return
  span.setAttribute(ATTR_ERROR_TYPE, outcome === 'error' && errorType !== '' ? errorType : outcome)
  span.setStatus({ code: SpanStatusCode.ERROR })
  if (!(error instanceof Error)) return
  const stack = keptMessage(stackOf(error), redaction, STACK_MAX)
  span.recordException({ name: typeOfError(error), message: keptMessage(messageOfError(error), redaction), stack }, time)
}

function stackOf (error: Error): string {
  try {
    return String(error.stack ?? '')
  } catch {
    return ''
  }
}
