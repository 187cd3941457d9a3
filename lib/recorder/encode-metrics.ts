import {
  AggregationTemporality, DataPointType, type MetricData, type ResourceMetrics, type ScopeMetrics
} from '@opentelemetry/sdk-metrics'
import { AttributeEncoder } from '../otlp/encode-attributes.ts'
import { encodeScope } from '../otlp/encode-scope.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import { beginMessage, writeNumber, writeText } from '../otlp/write-fields.ts'
import { encodeResource } from './encode-resource.ts'
import { writeExponentialPoint, writeHistogramPoint, writeNumberPoint } from './encode-metric-points.ts'

// Tags of opentelemetry/proto/collector/metrics/v1, metrics/v1 and common/v1: field number × 8 + wire type.
const REQUEST_RESOURCE_METRICS = 0x0a
const RESOURCE_METRICS_RESOURCE = 0x0a
const RESOURCE_METRICS_SCOPE_METRICS = 0x12
const RESOURCE_METRICS_SCHEMA_URL = 0x1a
const SCOPE_METRICS_METRICS = 0x12
const METRIC_NAME = 0x0a
const METRIC_DESCRIPTION = 0x12
const METRIC_UNIT = 0x1a
const METRIC_GAUGE = 0x2a
const METRIC_SUM = 0x3a
const METRIC_HISTOGRAM = 0x4a
const METRIC_EXPONENTIAL_HISTOGRAM = 0x52
const DATA_TEMPORALITY = 0x10
const DATA_IS_MONOTONIC = 0x18

const TEMPORALITIES: Readonly<Record<AggregationTemporality, number>> = {
  [AggregationTemporality.DELTA]: 1,
  [AggregationTemporality.CUMULATIVE]: 2
}

/** Bytes to begin with: the metrics of a server with a few routes. */
const USUAL_BYTES = 16 * 1024

/** Encodes metrics as the SDK's serializer does, and the exemplars that it leaves out. */
export class MetricsEncoder {
  readonly #attributes = new AttributeEncoder()

  /** An `ExportMetricsServiceRequest`, in memory of its own. */
  encode ({ resource, scopeMetrics }: ResourceMetrics): Uint8Array {
    const writer = new ProtobufWriter(USUAL_BYTES)
    const start = beginMessage(writer, REQUEST_RESOURCE_METRICS)
    writer.reserve(1)
    writer.byte(RESOURCE_METRICS_RESOURCE)
    writer.lengthDelimited(encodeResource(resource.attributes))
    for (const scope of scopeMetrics) this.#writeScopeMetrics(writer, scope)
    writeText(writer, RESOURCE_METRICS_SCHEMA_URL, resource.schemaUrl)
    writer.finish(start)
    return writer.written
  }

  #writeScopeMetrics (writer: ProtobufWriter, { scope, metrics }: ScopeMetrics): void {
    const start = beginMessage(writer, RESOURCE_METRICS_SCOPE_METRICS)
    writer.raw(encodeScope(scope))
    for (const metric of metrics) this.#writeMetric(writer, metric)
    writer.finish(start)
  }

  #writeMetric (writer: ProtobufWriter, metric: MetricData): void {
    const { name, description, unit } = metric.descriptor
    const start = beginMessage(writer, SCOPE_METRICS_METRICS)
    writeText(writer, METRIC_NAME, name)
    writeText(writer, METRIC_DESCRIPTION, description)
    writeText(writer, METRIC_UNIT, unit)
    this.#writeData(writer, metric)
    writer.finish(start)
  }

  #writeData (writer: ProtobufWriter, metric: MetricData): void {
    const attributes = this.#attributes
    const start = beginMessage(writer, tagOf(metric))
    switch (metric.dataPointType) {
      case DataPointType.GAUGE: case DataPointType.SUM:
        for (const point of metric.dataPoints) writeNumberPoint(writer, point, metric.descriptor.valueType, attributes)
        break
      case DataPointType.HISTOGRAM:
        for (const point of metric.dataPoints) writeHistogramPoint(writer, point, attributes)
        break
      case DataPointType.EXPONENTIAL_HISTOGRAM:
        for (const point of metric.dataPoints) writeExponentialPoint(writer, point, attributes)
    }
    // What a gauge shows is neither.
    if (metric.dataPointType !== DataPointType.GAUGE) writeNumber(writer, DATA_TEMPORALITY, TEMPORALITIES[metric.aggregationTemporality])
    if (metric.dataPointType === DataPointType.SUM && metric.isMonotonic) writeNumber(writer, DATA_IS_MONOTONIC, 1)
    writer.finish(start)
  }
}

function tagOf ({ dataPointType }: MetricData): number {
  switch (dataPointType) {
    case DataPointType.GAUGE: return METRIC_GAUGE
    case DataPointType.SUM: return METRIC_SUM
    case DataPointType.HISTOGRAM: return METRIC_HISTOGRAM
    case DataPointType.EXPONENTIAL_HISTOGRAM: return METRIC_EXPONENTIAL_HISTOGRAM
  }
}
