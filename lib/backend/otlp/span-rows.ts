import { ArrayColumn, MapColumn, PlainColumn, text, time } from '../rows/columns.ts'
import { RowBlock } from '../rows/row-block.ts'
import { AttributeList } from './attribute-list.ts'
import { writeId } from './ids.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import type { Rejections } from './rejections.ts'
import { Place, SpanFields } from './span-fields.ts'
import { KINDS, STATUS_CODES } from './span-names.ts'
import { walkRequest } from './walk-request.ts'

function spanColumns () {
  return {
    Timestamp: time(),
    TraceId: text(),
    SpanId: text(),
    ParentSpanId: text(),
    TraceState: text(),
    SpanName: text(),
    SpanKind: text(),
    ServiceName: text(),
    ResourceAttributes: new MapColumn(),
    ScopeName: text(),
    ScopeVersion: text(),
    SpanAttributes: new MapColumn(),
    Duration: new PlainColumn('UInt64'),
    StatusCode: text(),
    StatusMessage: text(),
    'Events.Timestamp': new ArrayColumn(time()),
    'Events.Name': new ArrayColumn(text()),
    'Events.Attributes': new ArrayColumn(new MapColumn()),
    'Links.TraceId': new ArrayColumn(text()),
    'Links.SpanId': new ArrayColumn(text()),
    'Links.TraceState': new ArrayColumn(text()),
    'Links.Attributes': new ArrayColumn(new MapColumn())
  }
}

type SpanColumns = ReturnType<typeof spanColumns>
export type SpanBlock = RowBlock<SpanColumns>

export function spanBlock (): SpanBlock {
  return new RowBlock('otel_traces', spanColumns())
}

/**
 * Adds the spans of an `ExportTraceServiceRequest` to a block. Those that no row can be made of are counted.
 *
 * @throws {MalformedMessage} the bytes are no such request; the block has to be rolled back
 */
export function addSpans (block: SpanBlock, request: Uint8Array, rejections: Rejections): void {
  const { columns } = block
  const reader = new ProtobufReader(request)
  const inner = new ProtobufReader(request)
  const fields = new SpanFields()
  const attributes = new AttributeList()
  const innerAttributes = new AttributeList()
  walkRequest(request, (resource, scope, start, end) => {
    fields.read(reader.enter(start, end))
    const problem = fields.problem(request)
    if (problem !== undefined) {
      rejections.add(problem)
      return
    }
    writeFields(columns, fields, request)
    columns.ServiceName.bytesText(resource.serviceName)
    columns.ResourceAttributes.addRowOf(resource.attributes)
    columns.ScopeName.bytesText(scope.name)
    columns.ScopeVersion.bytesText(scope.version)
    reader.enter(start, end)
    while (reader.next()) {
      switch (reader.field) {
        case 9: attributes.add(reader); break
        case 11:
          reader.delimited()
          addEvent(columns, inner.enter(reader.start, reader.end), innerAttributes)
          break
        case 13:
          reader.delimited()
          addLink(columns, inner.enter(reader.start, reader.end), innerAttributes)
          break
        default: reader.skip()
      }
    }
    attributes.writeRow(columns.SpanAttributes, request)
    endLists(columns)
    block.endRow()
  })
}

function writeFields (columns: SpanColumns, fields: SpanFields, request: Uint8Array): void {
  const { traceId, spanId, parentSpanId, traceState, name, message, startLow, startHigh, endLow, endHigh } = fields
  columns.Timestamp.uint64(startLow, startHigh)
  columns.TraceId.hexText(request, traceId.start, traceId.end)
  columns.SpanId.hexText(request, spanId.start, spanId.end)
  writeId(columns.ParentSpanId, request, parentSpanId.start, parentSpanId.end)
  columns.TraceState.bytesText(request, traceState.start, traceState.end)
  columns.SpanName.bytesText(request, name.start, name.end)
  columns.SpanKind.text(KINDS[fields.kind] ?? '')
  const borrow = (endLow >>> 0) < (startLow >>> 0) ? 1 : 0
  const high = (endHigh >>> 0) - (startHigh >>> 0) - borrow
  // A span that ended before it began has no duration; the Collector's exporter writes one of centuries.
  if (high < 0) columns.Duration.uint64(0, 0)
  else columns.Duration.uint64(endLow - startLow, high)
  columns.StatusCode.text(STATUS_CODES[fields.code] ?? '')
  columns.StatusMessage.bytesText(request, message.start, message.end)
}

function addEvent (columns: SpanColumns, reader: ProtobufReader, attributes: AttributeList): void {
  const name = new Place()
  let low = 0
  let high = 0
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.fixed64()
        low = reader.low
        high = reader.high
        break
      case 2: name.set(reader); break
      case 3: attributes.add(reader); break
      default: reader.skip()
    }
  }
  columns['Events.Timestamp'].values.uint64(low, high)
  columns['Events.Timestamp'].added()
  columns['Events.Name'].values.bytesText(reader.bytes, name.start, name.end)
  columns['Events.Name'].added()
  attributes.writeRow(columns['Events.Attributes'].values, reader.bytes)
  columns['Events.Attributes'].added()
}

function addLink (columns: SpanColumns, reader: ProtobufReader, attributes: AttributeList): void {
  const traceId = new Place()
  const spanId = new Place()
  const traceState = new Place()
  while (reader.next()) {
    switch (reader.field) {
      case 1: traceId.set(reader); break
      case 2: spanId.set(reader); break
      case 3: traceState.set(reader); break
      case 4: attributes.add(reader); break
      default: reader.skip()
    }
  }
  writeId(columns['Links.TraceId'].values, reader.bytes, traceId.start, traceId.end)
  columns['Links.TraceId'].added()
  writeId(columns['Links.SpanId'].values, reader.bytes, spanId.start, spanId.end)
  columns['Links.SpanId'].added()
  columns['Links.TraceState'].values.bytesText(reader.bytes, traceState.start, traceState.end)
  columns['Links.TraceState'].added()
  attributes.writeRow(columns['Links.Attributes'].values, reader.bytes)
  columns['Links.Attributes'].added()
}

function endLists (columns: SpanColumns): void {
  columns['Events.Timestamp'].endRow()
  columns['Events.Name'].endRow()
  columns['Events.Attributes'].endRow()
  columns['Links.TraceId'].endRow()
  columns['Links.SpanId'].endRow()
  columns['Links.TraceState'].endRow()
  columns['Links.Attributes'].endRow()
}
