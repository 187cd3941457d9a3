import { MapColumn, PlainColumn, text, time } from '../rows/columns.ts'
import { RowBlock } from '../rows/row-block.ts'
import { AttributeList } from './attribute-list.ts'
import { writeValue } from './attribute-text.ts'
import { isIdOrNone, SPAN_ID_BYTES, TRACE_ID_BYTES, writeId } from './ids.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import type { Rejections } from './rejections.ts'
import { Place } from './span-fields.ts'
import { walkRequest } from './walk-request.ts'

function logColumns () {
  return {
    Timestamp: time(),
    TraceId: text(),
    SpanId: text(),
    TraceFlags: new PlainColumn('UInt8'),
    SeverityText: text(),
    SeverityNumber: new PlainColumn('UInt8'),
    ServiceName: text(),
    Body: text(),
    ResourceSchemaUrl: text(),
    ResourceAttributes: new MapColumn(),
    ScopeSchemaUrl: text(),
    ScopeName: text(),
    ScopeVersion: text(),
    ScopeAttributes: new MapColumn(),
    LogAttributes: new MapColumn(),
    EventName: text()
  }
}

export type LogBlock = RowBlock<ReturnType<typeof logColumns>>

export function logBlock (): LogBlock {
  return new RowBlock('otel_logs', logColumns())
}

/** Fields of a `LogRecord` that it has once. */
class LogFields {
  readonly traceId = new Place()
  readonly spanId = new Place()
  readonly severity = new Place()
  readonly body = new Place()
  readonly eventName = new Place()
  severityNumber = 0
  flags = 0
  low = 0
  high = 0
  #observedLow = 0
  #observedHigh = 0

  read (reader: ProtobufReader): void {
    while (reader.next()) {
      switch (reader.field) {
        case 1:
          reader.fixed64()
          this.low = reader.low
          this.high = reader.high
          break
        case 2: this.severityNumber = reader.number32(); break
        case 3: this.severity.set(reader); break
        case 5: this.body.set(reader); break
        case 8: this.flags = reader.number32(); break
        case 9: this.traceId.set(reader); break
        case 10: this.spanId.set(reader); break
        case 11:
          reader.fixed64()
          this.#observedLow = reader.low
          this.#observedHigh = reader.high
          break
        case 12: this.eventName.set(reader); break
        default: reader.skip()
      }
    }
    if (this.low !== 0 || this.high !== 0) return
    this.low = this.#observedLow
    this.high = this.#observedHigh
  }

  get hasTime (): boolean {
    return this.low !== 0 || this.high !== 0
  }

  problem (): string | undefined {
    const { traceId, spanId } = this
    if (!isIdOrNone(traceId.start, traceId.end, TRACE_ID_BYTES)) return 'trace_id is not 16 bytes'
    if (!isIdOrNone(spanId.start, spanId.end, SPAN_ID_BYTES)) return 'span_id is not 8 bytes'
    return this.high < 0 ? 'time_unix_nano is after the year 2262' : undefined
  }
}

/**
 * Adds the records of an `ExportLogsServiceRequest` to a block. Those that no row can be made of are counted.
 *
 * @param now milliseconds since the epoch, for records that say no time at all
 * @throws {MalformedMessage} the bytes are no such request; the block has to be rolled back
 */
export function addLogs (block: LogBlock, request: Uint8Array, rejections: Rejections, now = Date.now()): void {
  const { columns } = block
  const reader = new ProtobufReader(request)
  const attributes = new AttributeList()
  const nanoseconds = BigInt(now) * 1_000_000n
  const nowLow = Number(BigInt.asIntN(32, nanoseconds))
  const nowHigh = Number(nanoseconds >> 32n)
  walkRequest(request, (resource, scope, start, end) => {
    const fields = new LogFields()
    fields.read(reader.enter(start, end))
    const problem = fields.problem()
    if (problem !== undefined) {
      rejections.add(problem)
      return
    }
    if (fields.hasTime) columns.Timestamp.uint64(fields.low, fields.high)
    else columns.Timestamp.uint64(nowLow, nowHigh)
    writeId(columns.TraceId, request, fields.traceId.start, fields.traceId.end)
    writeId(columns.SpanId, request, fields.spanId.start, fields.spanId.end)
    columns.TraceFlags.uint8(fields.flags)
    columns.SeverityText.bytesText(request, fields.severity.start, fields.severity.end)
    columns.SeverityNumber.uint8(fields.severityNumber)
    columns.ServiceName.bytesText(resource.serviceName)
    writeValue(columns.Body, reader.enter(fields.body.start, fields.body.end))
    columns.ResourceSchemaUrl.bytesText(resource.schemaUrl)
    columns.ResourceAttributes.addRowOf(resource.attributes)
    columns.ScopeSchemaUrl.bytesText(scope.schemaUrl)
    columns.ScopeName.bytesText(scope.name)
    columns.ScopeVersion.bytesText(scope.version)
    columns.ScopeAttributes.addRowOf(scope.attributes)
    reader.enter(start, end)
    while (reader.next()) {
      if (reader.field === 6) attributes.add(reader)
      else reader.skip()
    }
    attributes.writeRow(columns.LogAttributes, request)
    columns.EventName.bytesText(request, fields.eventName.start, fields.eventName.end)
    block.endRow()
  })
}
