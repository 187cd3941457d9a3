import type { TextMapPropagator } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator } from '@opentelemetry/core'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'
import { TraceContextPropagator } from './trace-context-propagator.ts'

const PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new TraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator(),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER })
}

/** One propagator of all that `OTEL_PROPAGATORS` names; nothing for `none`. */
export function composePropagator (names: readonly string[], warn: (warning: string) => void): TextMapPropagator | undefined {
  if (names.includes('none')) return undefined
  const propagators = [...new Set(names)].flatMap(name => {
    const create = Object.hasOwn(PROPAGATORS, name) ? PROPAGATORS[name] : undefined
    if (create !== undefined) return [create()]
    warn(`environment variable OTEL_PROPAGATORS: ${JSON.stringify(name)} is ignored; use ${Object.keys(PROPAGATORS).join(', ')} or none`)
    return []
  })
  return propagators.length === 0 ? undefined : new CompositePropagator({ propagators })
}
