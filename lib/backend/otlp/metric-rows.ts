import type { RowBlock } from '../rows/row-block.ts'
import type { MetricBlocks, PointColumns } from './metric-columns.ts'
import { exponentialHistogramPoint, histogramPoint, numberPoint, summaryPoint, type PointWriter } from './metric-points.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import type { Rejections } from './rejections.ts'
import { Place } from './span-fields.ts'
import { walkRequest, type Resource, type Scope } from './walk-request.ts'

/** Where a metric is from, and what it is called. */
interface Metric {
  readonly resource: Resource
  readonly scope: Scope
  readonly name: Place
  readonly description: Place
  readonly unit: Place
}

/**
 * Adds the data points of an `ExportMetricsServiceRequest` to the blocks. Those that no row can be made of are counted.
 *
 * @throws {MalformedMessage} the bytes are no such request; the blocks have to be rolled back
 */
export function addMetrics (blocks: MetricBlocks, request: Uint8Array, rejections: Rejections): void {
  const reader = new ProtobufReader(request)
  walkRequest(request, (resource, scope, start, end) => {
    const metric: Metric = { resource, scope, name: new Place(), description: new Place(), unit: new Place() }
    const data = new Place()
    let kind = 0
    reader.enter(start, end)
    while (reader.next()) {
      switch (reader.field) {
        case 1: metric.name.set(reader); break
        case 2: metric.description.set(reader); break
        case 3: metric.unit.set(reader); break
        case 5: case 7: case 9: case 10: case 11:
          kind = reader.field
          data.set(reader)
          break
        default: reader.skip()
      }
    }
    reader.enter(data.start, data.end)
    switch (kind) {
      case 5: addPoints(blocks.gauge, reader, metric, rejections, numberPoint(blocks.gauge.columns)); break
      case 7: addAggregated(blocks.sum, reader, metric, rejections, numberPoint(blocks.sum.columns)); break
      case 9: addAggregated(blocks.histogram, reader, metric, rejections, histogramPoint(blocks.histogram.columns)); break
      case 10: addAggregated(blocks.exponentialHistogram, reader, metric, rejections, exponentialHistogramPoint(blocks.exponentialHistogram.columns)); break
      case 11: addPoints(blocks.summary, reader, metric, rejections, summaryPoint(blocks.summary.columns)); break
      default: rejections.add('a metric has no data of a kind that is known')
    }
  })
}

/** What says how its points add up. */
function addAggregated (
  block: MetricBlocks['sum' | 'histogram' | 'exponentialHistogram'], reader: ProtobufReader, metric: Metric, rejections: Rejections, writePoint: PointWriter
): void {
  const { temporality, isMonotonic } = kindOf(new ProtobufReader(reader.bytes, reader.at, reader.limit))
  const { columns } = block
  addPoints(block, reader, metric, rejections, point => {
    writePoint(point)
    columns.AggregationTemporality.uint32(temporality)
    if ('IsMonotonic' in columns) columns.IsMonotonic.uint8(isMonotonic)
  })
}

/** Of `Sum`, `Histogram` and `ExponentialHistogram`; these fields may stand behind the points. */
function kindOf (reader: ProtobufReader): { temporality: number, isMonotonic: number } {
  let temporality = 0
  let isMonotonic = 0
  while (reader.next()) {
    if (reader.field === 2) temporality = reader.number32()
    else if (reader.field === 3) isMonotonic = reader.number32() === 0 ? 0 : 1
    else reader.skip()
  }
  return { temporality, isMonotonic }
}

/** The points are field 1 of every kind of data. */
function addPoints (block: RowBlock<PointColumns>, reader: ProtobufReader, metric: Metric, rejections: Rejections, writePoint: PointWriter): void {
  const point = new ProtobufReader(reader.bytes)
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    reader.delimited()
    if (isBeyondTime(point.enter(reader.start, reader.end))) {
      rejections.add('time_unix_nano is after the year 2262')
      continue
    }
    writeMetric(block.columns, metric, reader.bytes)
    writePoint(point.enter(reader.start, reader.end))
    block.endRow()
  }
}

/** `time_unix_nano` and its start have the same numbers in every kind of point. */
function isBeyondTime (point: ProtobufReader): boolean {
  while (point.next()) {
    if (point.field !== 2 && point.field !== 3) {
      point.skip()
      continue
    }
    point.fixed64()
    if (point.high < 0) return true
  }
  return false
}

function writeMetric (columns: PointColumns, { resource, scope, name, description, unit }: Metric, request: Uint8Array): void {
  columns.ResourceAttributes.addRowOf(resource.attributes)
  columns.ResourceSchemaUrl.bytesText(resource.schemaUrl)
  columns.ScopeName.bytesText(scope.name)
  columns.ScopeVersion.bytesText(scope.version)
  columns.ScopeAttributes.addRowOf(scope.attributes)
  columns.ScopeDroppedAttrCount.uint32(scope.droppedAttributes)
  columns.ScopeSchemaUrl.bytesText(scope.schemaUrl)
  columns.ServiceName.bytesText(resource.serviceName)
  columns.MetricName.bytesText(request, name.start, name.end)
  columns.MetricDescription.bytesText(request, description.start, description.end)
  columns.MetricUnit.bytesText(request, unit.start, unit.end)
}
