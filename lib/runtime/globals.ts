import {
  ProxyTracerProvider, ROOT_CONTEXT, context, createContextKey, createNoopMeter, metrics, propagation, trace,
  type ContextManager, type MeterProvider, type TextMapPropagator, type TracerProvider
} from '@opentelemetry/api'

/** Which of OpenTelemetry's globals nobody has set yet. */
export interface FreeGlobals {
  readonly traces: boolean
  readonly metrics: boolean
  readonly context: boolean
  readonly propagation: boolean
}

/** The API has no question for this; each global is asked for something that only a real one does. */
export function freeGlobals (): FreeGlobals {
  const tracerProvider = trace.getTracerProvider()
  const probe = createContextKey('letta-otel probe')
  const marked = ROOT_CONTEXT.setValue(probe, true)
  return {
    traces: tracerProvider instanceof ProxyTracerProvider && tracerProvider.getDelegateTracer('letta-otel') === undefined,
    metrics: metrics.getMeter('letta-otel') === createNoopMeter(),
    context: context.with(marked, () => context.active().getValue(probe)) !== true,
    propagation: propagation.fields().length === 0
  }
}

/** What a runtime brings for the globals; each is set where it is free. */
export interface GlobalParts {
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
  readonly contextManager: ContextManager
  readonly propagator: TextMapPropagator | undefined
}

/** @returns what takes back the globals that were set here, and no other */
export function setFreeGlobals (parts: GlobalParts, free: FreeGlobals): () => void {
  const undo: Array<() => void> = []
  if (free.traces && trace.setGlobalTracerProvider(parts.tracerProvider)) undo.push(() => { trace.disable() })
  if (free.metrics && metrics.setGlobalMeterProvider(parts.meterProvider)) undo.push(() => { metrics.disable() })
  if (free.context && context.setGlobalContextManager(parts.contextManager)) undo.push(() => { context.disable() })
  if (free.propagation && parts.propagator !== undefined && propagation.setGlobalPropagator(parts.propagator)) {
    undo.push(() => { propagation.disable() })
  }
  return () => { for (const takeBack of undo) takeBack() }
}
