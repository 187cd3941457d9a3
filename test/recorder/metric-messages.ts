import protobuf from 'protobufjs'

type Fields = Record<string, readonly [type: string, id: number, rule?: 'repeated' | 'optional']>

function message (fields: Fields, oneofs: Record<string, string[]> = {}): protobuf.IType {
  return {
    fields: Object.fromEntries(Object.entries(fields).map(([name, [type, id, rule]]) => [
      name, { type, id, ...rule === 'repeated' && { rule }, ...rule === 'optional' && { options: { proto3_optional: true } } }
    ])),
    oneofs: Object.fromEntries(Object.entries(oneofs).map(([name, oneof]) => [name, { oneof }]))
  }
}

/** Metrics in opentelemetry-proto 1.x by field number, independent of what lib/ writes. */
const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: message({
      stringValue: ['string', 1],
      boolValue: ['bool', 2],
      intValue: ['int64', 3],
      doubleValue: ['double', 4],
      arrayValue: ['ArrayValue', 5],
      kvlistValue: ['KeyValueList', 6],
      bytesValue: ['bytes', 7]
    }, { value: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'] }),
    ArrayValue: message({ values: ['AnyValue', 1, 'repeated'] }),
    KeyValueList: message({ values: ['KeyValue', 1, 'repeated'] }),
    KeyValue: message({ key: ['string', 1], value: ['AnyValue', 2] }),
    InstrumentationScope: message({
      name: ['string', 1], version: ['string', 2], attributes: ['KeyValue', 3, 'repeated'], droppedAttributesCount: ['uint32', 4]
    }),
    Resource: message({ attributes: ['KeyValue', 1, 'repeated'], droppedAttributesCount: ['uint32', 2] }),
    Exemplar: message({
      filteredAttributes: ['KeyValue', 7, 'repeated'],
      timeUnixNano: ['fixed64', 2],
      asDouble: ['double', 3],
      asInt: ['sfixed64', 6],
      spanId: ['bytes', 4],
      traceId: ['bytes', 5]
    }, { value: ['asDouble', 'asInt'] }),
    NumberDataPoint: message({
      attributes: ['KeyValue', 7, 'repeated'],
      startTimeUnixNano: ['fixed64', 2],
      timeUnixNano: ['fixed64', 3],
      asDouble: ['double', 4],
      asInt: ['sfixed64', 6],
      exemplars: ['Exemplar', 5, 'repeated'],
      flags: ['uint32', 8]
    }, { value: ['asDouble', 'asInt'] }),
    HistogramDataPoint: message({
      attributes: ['KeyValue', 9, 'repeated'],
      startTimeUnixNano: ['fixed64', 2],
      timeUnixNano: ['fixed64', 3],
      count: ['fixed64', 4],
      sum: ['double', 5],
      bucketCounts: ['fixed64', 6, 'repeated'],
      explicitBounds: ['double', 7, 'repeated'],
      exemplars: ['Exemplar', 8, 'repeated'],
      flags: ['uint32', 10],
      min: ['double', 11],
      max: ['double', 12]
    }, { _sum: ['sum'], _min: ['min'], _max: ['max'] }),
    Buckets: message({ offset: ['sint32', 1], bucketCounts: ['uint64', 2, 'repeated'] }),
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
    }, { _sum: ['sum'], _min: ['min'], _max: ['max'] }),
    Gauge: message({ dataPoints: ['NumberDataPoint', 1, 'repeated'] }),
    Sum: message({ dataPoints: ['NumberDataPoint', 1, 'repeated'], aggregationTemporality: ['int32', 2], isMonotonic: ['bool', 3] }),
    Histogram: message({ dataPoints: ['HistogramDataPoint', 1, 'repeated'], aggregationTemporality: ['int32', 2] }),
    ExponentialHistogram: message({ dataPoints: ['ExponentialHistogramDataPoint', 1, 'repeated'], aggregationTemporality: ['int32', 2] }),
    Metric: message({
      name: ['string', 1],
      description: ['string', 2],
      unit: ['string', 3],
      gauge: ['Gauge', 5],
      sum: ['Sum', 7],
      histogram: ['Histogram', 9],
      exponentialHistogram: ['ExponentialHistogram', 10]
    }, { data: ['gauge', 'sum', 'histogram', 'exponentialHistogram'] }),
    ScopeMetrics: message({ scope: ['InstrumentationScope', 1], metrics: ['Metric', 2, 'repeated'], schemaUrl: ['string', 3] }),
    ResourceMetrics: message({ resource: ['Resource', 1], scopeMetrics: ['ScopeMetrics', 2, 'repeated'], schemaUrl: ['string', 3] }),
    MetricsRequest: message({ resourceMetrics: ['ResourceMetrics', 1, 'repeated'] })
  }
})

/** A decoded `ExportMetricsServiceRequest`: 64-bit numbers as text, ids in base64, what is unset absent. */
export function metricsRequest (bytes: Uint8Array): any {
  const type = root.lookupType('MetricsRequest')
  return type.toObject(type.decode(Buffer.from(bytes)), { longs: String, bytes: String, arrays: true })
}

/** The metrics of a request, of all scopes. */
export function metricsOf (bytes: Uint8Array): any[] {
  return metricsRequest(bytes).resourceMetrics.flatMap((resource: any) => resource.scopeMetrics).flatMap((scope: any) => scope.metrics)
}
