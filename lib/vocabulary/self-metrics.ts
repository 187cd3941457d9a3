import type { InstrumentFacts } from './metrics.ts'

// OpenTelemetry semantic conventions (1.45), in development there and so spelled out here.
export const SDK_SPAN_STARTED: InstrumentFacts = { name: 'otel.sdk.span.started', unit: '{span}', description: 'The number of created spans.' }
export const SDK_SPAN_LIVE: InstrumentFacts = {
  name: 'otel.sdk.span.live', unit: '{span}', description: 'The number of recorded spans that have not ended yet.'
}
export const SDK_SPAN_QUEUE_SIZE: InstrumentFacts = {
  name: 'otel.sdk.processor.span.queue.size', unit: '{span}', description: 'The number of ended spans that were not handed to the exporter yet.'
}

/** What an exporter says of one signal. */
export interface ExporterInstruments {
  readonly exported: InstrumentFacts
  readonly inflight: InstrumentFacts
  /** `otel.component.type` of an exporter of OTLP in protobuf over HTTP. */
  readonly componentType: string
  /** The same of what writes it as JSON to a file, for which the conventions have no value. */
  readonly fileComponentType: string
}

function exporterInstruments (item: string, unit: string, signal: string): ExporterInstruments {
  const things = item.replaceAll('_', ' ')
  return {
    exported: { name: `otel.sdk.exporter.${item}.exported`, unit, description: `The number of ${things}s whose export has finished, successfully or not.` },
    inflight: { name: `otel.sdk.exporter.${item}.inflight`, unit, description: `The number of ${things}s that wait in memory to be exported.` },
    componentType: `otlp_http_${signal}_exporter`,
    fileComponentType: `otlp_file_${signal}_exporter`
  }
}

export const SPAN_EXPORTER = exporterInstruments('span', '{span}', 'span')
export const METRIC_EXPORTER = exporterInstruments('metric_data_point', '{data_point}', 'metric')
export const LOG_EXPORTER = exporterInstruments('log', '{log_record}', 'log')

// The conventions know neither a disk nor a thread nor a bound in bytes.
export const EXPORTER_RETRIED: InstrumentFacts = {
  name: 'letta_otel.exporter.retried', unit: '{item}', description: 'Spans, data points or log records that were sent again, once for every attempt.'
}
export const EXPORTER_SPOOLED: InstrumentFacts = {
  name: 'letta_otel.exporter.spooled', unit: '{item}', description: 'Spans, data points or log records that were brought to the disk.'
}
export const MEMORY_USAGE: InstrumentFacts = {
  name: 'letta_otel.memory.usage', unit: 'By', description: 'Telemetry that waits in memory to be sent.'
}
export const SPOOL_USAGE: InstrumentFacts = {
  name: 'letta_otel.spool.usage', unit: 'By', description: 'Telemetry on the disk that is still to be sent.'
}
export const WORKER_CRASHES: InstrumentFacts = {
  name: 'letta_otel.worker.crashes', unit: '{crash}', description: 'How often the thread that sends ended unexpectedly.'
}

// Of the store, which the conventions do not know either; as they have it, what is lost counts with its reason.
export const ROWS_WRITTEN: InstrumentFacts = {
  name: 'letta_otel.store.row.written', unit: '{row}', description: 'Rows of agents\' work whose writing has finished, successfully or not.'
}
export const ROWS_WAITING: InstrumentFacts = {
  name: 'letta_otel.store.row.waiting', unit: '{row}', description: 'Rows that wait in memory to be written.'
}
export const ROWS_SPOOLED: InstrumentFacts = { name: 'letta_otel.store.row.spooled', unit: '{row}', description: 'Rows that were brought to the disk.' }
export const ROW_SPOOL_USAGE: InstrumentFacts = {
  name: 'letta_otel.store.spool.usage', unit: 'By', description: 'Rows on the disk that are still to be written.'
}
export const INSERTS_FAILED: InstrumentFacts = {
  name: 'letta_otel.store.insert.failed', unit: '{insert}', description: 'Inserts that failed and may work later.'
}

/** `otel.component.type` of what writes rows. */
export const STORE_WRITER = 'letta_otel_store_writer'

export const ATTR_OTEL_COMPONENT_NAME = 'otel.component.name'
export const ATTR_OTEL_COMPONENT_TYPE = 'otel.component.type'
export const ATTR_OTEL_SPAN_PARENT_ORIGIN = 'otel.span.parent.origin'
export const ATTR_OTEL_SPAN_SAMPLING_RESULT = 'otel.span.sampling_result'

/** `otel.component.type` of what encodes spans and gathers them for the exporter. */
export const FAST_SPAN_PROCESSOR = 'letta_otel_span_processor'

/** Values of `otel.span.parent.origin` and of `otel.span.sampling_result`. */
export const PARENT_ORIGINS = ['none', 'local', 'remote'] as const
export const SAMPLING_RESULTS = ['DROP', 'RECORD_ONLY', 'RECORD_AND_SAMPLE'] as const
