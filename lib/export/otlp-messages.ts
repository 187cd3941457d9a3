import type { IType } from 'protobufjs/light.js'

/** A message by its fields: name → type and number. */
type Fields = Readonly<Record<string, readonly [type: string, id: number, rule?: 'repeated']>>

function message (fields: Fields, ...alternatives: readonly string[][]): IType {
  return {
    fields: Object.fromEntries(Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...rule && { rule } }])),
    // A field alone is one that may be absent, which its default would not tell.
    oneofs: Object.fromEntries(alternatives.map(oneof => [`_${oneof[0]}`, { oneof }]))
  }
}

/** The attributes of a message, and how many were dropped. */
function attributes (id: number): Fields {
  return { attributes: ['KeyValue', id, 'repeated'], droppedAttributesCount: ['uint32', id + 1] }
}

const METRIC_DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']

/** The messages of opentelemetry-proto 1.x by field number, as protobufjs reads them; enumerations are numbers. */
export const OTLP_MESSAGES: Readonly<Record<string, IType>> = Object.freeze({
  AnyValue: message({
    stringValue: ['string', 1],
    boolValue: ['bool', 2],
    intValue: ['int64', 3],
    doubleValue: ['double', 4],
    arrayValue: ['ArrayValue', 5],
    kvlistValue: ['KeyValueList', 6],
    bytesValue: ['bytes', 7]
  }, ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue']),
  ArrayValue: message({ values: ['AnyValue', 1, 'repeated'] }),
  KeyValueList: message({ values: ['KeyValue', 1, 'repeated'] }),
  KeyValue: message({ key: ['string', 1], value: ['AnyValue', 2] }),
  InstrumentationScope: message({ name: ['string', 1], version: ['string', 2], ...attributes(3) }),
  Resource: message(attributes(1)),

  ExportTraceServiceRequest: message({ resourceSpans: ['ResourceSpans', 1, 'repeated'] }),
  ResourceSpans: message({ resource: ['Resource', 1], scopeSpans: ['ScopeSpans', 2, 'repeated'], schemaUrl: ['string', 3] }),
  ScopeSpans: message({ scope: ['InstrumentationScope', 1], spans: ['Span', 2, 'repeated'], schemaUrl: ['string', 3] }),
  Span: message({
    traceId: ['bytes', 1],
    spanId: ['bytes', 2],
    traceState: ['string', 3],
    parentSpanId: ['bytes', 4],
    name: ['string', 5],
    kind: ['int32', 6],
    startTimeUnixNano: ['fixed64', 7],
    endTimeUnixNano: ['fixed64', 8],
    ...attributes(9),
    events: ['Event', 11, 'repeated'],
    droppedEventsCount: ['uint32', 12],
    links: ['Link', 13, 'repeated'],
    droppedLinksCount: ['uint32', 14],
    status: ['Status', 15],
    flags: ['fixed32', 16]
  }),
  Event: message({ timeUnixNano: ['fixed64', 1], name: ['string', 2], ...attributes(3) }),
  Link: message({ traceId: ['bytes', 1], spanId: ['bytes', 2], traceState: ['string', 3], ...attributes(4), flags: ['fixed32', 6] }),
  Status: message({ message: ['string', 2], code: ['int32', 3] }),

  ExportMetricsServiceRequest: message({ resourceMetrics: ['ResourceMetrics', 1, 'repeated'] }),
  ResourceMetrics: message({ resource: ['Resource', 1], scopeMetrics: ['ScopeMetrics', 2, 'repeated'], schemaUrl: ['string', 3] }),
  ScopeMetrics: message({ scope: ['InstrumentationScope', 1], metrics: ['Metric', 2, 'repeated'], schemaUrl: ['string', 3] }),
  Metric: message({
    name: ['string', 1],
    description: ['string', 2],
    unit: ['string', 3],
    gauge: ['Gauge', 5],
    sum: ['Sum', 7],
    histogram: ['Histogram', 9],
    exponentialHistogram: ['ExponentialHistogram', 10],
    summary: ['Summary', 11]
  }, METRIC_DATA),
  Gauge: message({ dataPoints: ['NumberDataPoint', 1, 'repeated'] }),
  Sum: message({ dataPoints: ['NumberDataPoint', 1, 'repeated'], aggregationTemporality: ['int32', 2], isMonotonic: ['bool', 3] }),
  Histogram: message({ dataPoints: ['HistogramDataPoint', 1, 'repeated'], aggregationTemporality: ['int32', 2] }),
  ExponentialHistogram: message({ dataPoints: ['ExponentialHistogramDataPoint', 1, 'repeated'], aggregationTemporality: ['int32', 2] }),
  Summary: message({ dataPoints: ['SummaryDataPoint', 1, 'repeated'] }),
  NumberDataPoint: message({
    startTimeUnixNano: ['fixed64', 2],
    timeUnixNano: ['fixed64', 3],
    asDouble: ['double', 4],
    exemplars: ['Exemplar', 5, 'repeated'],
    asInt: ['sfixed64', 6],
    attributes: ['KeyValue', 7, 'repeated'],
    flags: ['uint32', 8]
  }, ['asDouble', 'asInt']),
  HistogramDataPoint: message({
    startTimeUnixNano: ['fixed64', 2],
    timeUnixNano: ['fixed64', 3],
    count: ['fixed64', 4],
    sum: ['double', 5],
    bucketCounts: ['fixed64', 6, 'repeated'],
    explicitBounds: ['double', 7, 'repeated'],
    exemplars: ['Exemplar', 8, 'repeated'],
    attributes: ['KeyValue', 9, 'repeated'],
    flags: ['uint32', 10],
    min: ['double', 11],
    max: ['double', 12]
  }, ['sum'], ['min'], ['max']),
  ExponentialHistogramDataPoint: message({
    attributes: ['KeyValue', 1, 'repeated'],
    startTimeUnixNano: ['fixed64', 2],
    timeUnixNano: ['fixed64', 3],
    count: ['fixed64', 4],
    sum: ['double', 5],
    scale: ['sint32', 6],
    zeroCount: ['fixed64', 7],
    positive: ['Buckets', 8],
    negative: ['Buckets', 9],
    flags: ['uint32', 10],
    exemplars: ['Exemplar', 11, 'repeated'],
    min: ['double', 12],
    max: ['double', 13],
    zeroThreshold: ['double', 14]
  }, ['sum'], ['min'], ['max']),
  Buckets: message({ offset: ['sint32', 1], bucketCounts: ['uint64', 2, 'repeated'] }),
  SummaryDataPoint: message({
    startTimeUnixNano: ['fixed64', 2],
    timeUnixNano: ['fixed64', 3],
    count: ['fixed64', 4],
    sum: ['double', 5],
    quantileValues: ['ValueAtQuantile', 6, 'repeated'],
    attributes: ['KeyValue', 7, 'repeated'],
    flags: ['uint32', 8]
  }),
  ValueAtQuantile: message({ quantile: ['double', 1], value: ['double', 2] }),
  Exemplar: message({
    timeUnixNano: ['fixed64', 2],
    asDouble: ['double', 3],
    spanId: ['bytes', 4],
    traceId: ['bytes', 5],
    asInt: ['sfixed64', 6],
    filteredAttributes: ['KeyValue', 7, 'repeated']
  }, ['asDouble', 'asInt']),

  ExportLogsServiceRequest: message({ resourceLogs: ['ResourceLogs', 1, 'repeated'] }),
  ResourceLogs: message({ resource: ['Resource', 1], scopeLogs: ['ScopeLogs', 2, 'repeated'], schemaUrl: ['string', 3] }),
  ScopeLogs: message({ scope: ['InstrumentationScope', 1], logRecords: ['LogRecord', 2, 'repeated'], schemaUrl: ['string', 3] }),
  LogRecord: message({
    timeUnixNano: ['fixed64', 1],
    severityNumber: ['int32', 2],
    severityText: ['string', 3],
    body: ['AnyValue', 5],
    ...attributes(6),
    flags: ['fixed32', 8],
    traceId: ['bytes', 9],
    spanId: ['bytes', 10],
    observedTimeUnixNano: ['fixed64', 11],
    eventName: ['string', 12]
  })
})
