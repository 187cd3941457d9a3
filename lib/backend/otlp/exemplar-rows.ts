import { AttributeList } from './attribute-list.ts'
import type { ExemplarColumns } from './metric-columns.ts'
import { ProtobufReader, signedNumber } from './protobuf-reader.ts'
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from './ids.ts'
import { Place } from './span-fields.ts'

/** The Collector writes ids that are not there as zeros. */
const NO_ID = new Uint8Array(TRACE_ID_BYTES)

/** Adds the exemplar in the present field of a point. */
export function addExemplar (columns: ExemplarColumns, point: ProtobufReader): void {
  point.delimited()
  const reader = new ProtobufReader(point.bytes, point.start, point.end)
  const traceId = new Place()
  const spanId = new Place()
  const attributes = new AttributeList()
  let value = 0
  let [low, high] = [0, 0]
  while (reader.next()) {
    switch (reader.field) {
      case 2:
        reader.fixed64()
        low = reader.low
        high = reader.high
        break
      case 3: value = reader.double(); break
      case 4: spanId.set(reader); break
      case 5: traceId.set(reader); break
      case 6:
        reader.fixed64()
        value = signedNumber(reader.low, reader.high)
        break
      case 7: attributes.add(reader); break
      default: reader.skip()
    }
  }
  attributes.writeRow(columns['Exemplars.FilteredAttributes'].values, reader.bytes)
  columns['Exemplars.FilteredAttributes'].added()
  columns['Exemplars.TimeUnix'].values.uint64(low, high)
  columns['Exemplars.TimeUnix'].added()
  columns['Exemplars.Value'].values.double(value)
  columns['Exemplars.Value'].added()
  writeId(columns['Exemplars.SpanId'].values, reader.bytes, spanId, SPAN_ID_BYTES)
  columns['Exemplars.SpanId'].added()
  writeId(columns['Exemplars.TraceId'].values, reader.bytes, traceId, TRACE_ID_BYTES)
  columns['Exemplars.TraceId'].added()
}

function writeId (column: ExemplarColumns['Exemplars.SpanId']['values'], bytes: Uint8Array, { start, end }: Place, length: number): void {
  if (end - start === length) column.hexText(bytes, start, end)
  else column.hexText(NO_ID, 0, length)
}

export function endExemplars (columns: ExemplarColumns): void {
  columns['Exemplars.FilteredAttributes'].endRow()
  columns['Exemplars.TimeUnix'].endRow()
  columns['Exemplars.Value'].endRow()
  columns['Exemplars.SpanId'].endRow()
  columns['Exemplars.TraceId'].endRow()
}
