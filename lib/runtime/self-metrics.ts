import type { Attributes, BatchObservableResult, MeterProvider, Observable } from '@opentelemetry/api'
import type { Signal } from '../export/parcel.ts'
import type { FastTracerProvider } from '../recorder/fast-tracer-provider.ts'
import { ATTR_ERROR_TYPE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../vocabulary/attributes.ts'
import type { InstrumentFacts } from '../vocabulary/metrics.ts'
import {
  ATTR_OTEL_COMPONENT_NAME, ATTR_OTEL_COMPONENT_TYPE, ATTR_OTEL_SPAN_PARENT_ORIGIN, ATTR_OTEL_SPAN_SAMPLING_RESULT,
  EXPORTER_RETRIED, EXPORTER_SPOOLED, FAST_SPAN_PROCESSOR, LOG_EXPORTER, MEMORY_USAGE, METRIC_EXPORTER, PARENT_ORIGINS,
  SAMPLING_RESULTS, SDK_SPAN_LIVE, SDK_SPAN_QUEUE_SIZE, SDK_SPAN_STARTED, SPAN_EXPORTER, SPOOL_USAGE, WORKER_CRASHES,
  type ExporterInstruments
} from '../vocabulary/self-metrics.ts'
import type { EngineStats, SignalTelemetryStats } from './telemetry-stats.ts'

/** What is observed. */
export interface SelfObserved {
  /** Its figures are read once for each collection. */
  readonly engine: { readonly stats: EngineStats }
  readonly spans: Pick<FastTracerProvider, 'counts' | 'waiting'>
  /** Where each signal goes. Of these, host and port are told. */
  readonly endpoints: Readonly<Partial<Record<Signal, string>>>
  /** It goes to files instead. @default false */
  readonly toFiles?: boolean
}

const SCOPE = 'letta-otel'

/** Tells of the figures of an engine as metrics. Nothing is counted for it: figures are read when metrics are collected. */
export function observeSelf (provider: MeterProvider, version: string | undefined, { engine, spans, endpoints, toFiles = false }: SelfObserved): void {
  const meter = provider.getMeter(SCOPE, version)
  const observables: Observable[] = []
  const add = <Instrument extends Observable>(instrument: Instrument): Instrument => {
    observables.push(instrument)
    return instrument
  }
  const counter = ({ name, ...rest }: InstrumentFacts): Observable => add(meter.createObservableCounter(name, rest))
  const upDownCounter = ({ name, ...rest }: InstrumentFacts): Observable => add(meter.createObservableUpDownCounter(name, rest))

  const observeSpans = spanObserver(spans, counter, upDownCounter)
  const retried = counter(EXPORTER_RETRIED)
  const spooled = counter(EXPORTER_SPOOLED)
  const exporter = (facts: ExporterInstruments, endpoint: string | undefined) => {
    const exported = counter(facts.exported)
    const inflight = upDownCounter(facts.inflight)
    const attributes = { ...component(toFiles ? facts.fileComponentType : facts.componentType), ...server(endpoint) }
    return (result: BatchObservableResult, stats: SignalTelemetryStats, waiting = stats.waiting): void => {
      result.observe(exported, stats.exported, attributes)
      for (const [reason, count] of Object.entries(stats.dropped)) {
        if (count > 0) result.observe(exported, count, { ...attributes, [ATTR_ERROR_TYPE]: reason })
      }
      result.observe(inflight, waiting, attributes)
      result.observe(retried, stats.retried, attributes)
      result.observe(spooled, stats.spooled, attributes)
    }
  }
  const observeSpanExporter = exporter(SPAN_EXPORTER, endpoints.traces)
  const observeMetricExporter = exporter(METRIC_EXPORTER, endpoints.metrics)
  const observeLogExporter = exporter(LOG_EXPORTER, endpoints.logs)
  const memory = upDownCounter(MEMORY_USAGE)
  const spool = upDownCounter(SPOOL_USAGE)
  const crashes = counter(WORKER_CRASHES)

  meter.addBatchObservableCallback(result => {
    const { stats } = engine
    observeSpans(result)
    observeSpanExporter(result, stats.spans, stats.spans.waiting - spans.waiting)
    observeMetricExporter(result, stats.metrics)
    if (isUsed(stats.logs)) observeLogExporter(result, stats.logs)
    result.observe(memory, stats.waitingBytes)
    result.observe(spool, stats.spoolBytes)
    result.observe(crashes, stats.workerCrashes)
  }, observables)
}

function spanObserver (
  spans: SelfObserved['spans'], counter: (facts: InstrumentFacts) => Observable, upDownCounter: (facts: InstrumentFacts) => Observable
): (result: BatchObservableResult) => void {
  const started = counter(SDK_SPAN_STARTED)
  const live = upDownCounter(SDK_SPAN_LIVE)
  const queue = upDownCounter(SDK_SPAN_QUEUE_SIZE)
  const queueAttributes = component(FAST_SPAN_PROCESSOR)
  return result => {
    const { counts, waiting } = spans
    counts.started.forEach((count, index) => {
      if (count === 0) return
      result.observe(started, count, {
        [ATTR_OTEL_SPAN_PARENT_ORIGIN]: PARENT_ORIGINS[Math.floor(index / 3)]!,
        [ATTR_OTEL_SPAN_SAMPLING_RESULT]: SAMPLING_RESULTS[index % 3]!
      })
    })
    for (const sampling of [1, 2] as const) {
      if (counts.ended[sampling] + counts.live(sampling) === 0) continue
      result.observe(live, counts.live(sampling), { [ATTR_OTEL_SPAN_SAMPLING_RESULT]: SAMPLING_RESULTS[sampling] })
    }
    result.observe(queue, waiting, queueAttributes)
  }
}

function component (type: string): Attributes {
  return { [ATTR_OTEL_COMPONENT_TYPE]: type, [ATTR_OTEL_COMPONENT_NAME]: `${type}/0` }
}

function server (endpoint: string | undefined): Attributes {
  if (endpoint === undefined || !URL.canParse(endpoint)) return {}
  const { hostname, port, protocol } = new URL(endpoint)
  return { [ATTR_SERVER_ADDRESS]: hostname, [ATTR_SERVER_PORT]: Number(port) || (protocol === 'https:' ? 443 : 80) }
}

/** Most processes send no logs this way. */
function isUsed ({ exported, failed, waiting, spooled }: SignalTelemetryStats): boolean {
  return exported + failed + waiting + spooled > 0
}
