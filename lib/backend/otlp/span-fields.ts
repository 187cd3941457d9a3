import { isId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './ids.ts'
import { ProtobufReader } from './protobuf-reader.ts'

/** A field's bytes in its request. */
export class Place {
  start = 0
  end = 0

  set (reader: ProtobufReader): void {
    reader.delimited()
    this.start = reader.start
    this.end = reader.end
  }

  clear (): void {
    this.start = 0
    this.end = 0
  }
}

/** Fields of a `Span` that it has once; one object serves all spans of a request. */
export class SpanFields {
  readonly traceId = new Place()
  readonly spanId = new Place()
  readonly parentSpanId = new Place()
  readonly traceState = new Place()
  readonly name = new Place()
  readonly message = new Place()
  kind = 0
  code = 0
  startLow = 0
  startHigh = 0
  endLow = 0
  endHigh = 0
  readonly #status = new Place()

  read (reader: ProtobufReader): void {
    this.#clear()
    while (reader.next()) {
      switch (reader.field) {
        case 1: this.traceId.set(reader); break
        case 2: this.spanId.set(reader); break
        case 3: this.traceState.set(reader); break
        case 4: this.parentSpanId.set(reader); break
        case 5: this.name.set(reader); break
        case 6: this.kind = reader.number32(); break
        case 7:
          reader.fixed64()
          this.startLow = reader.low
          this.startHigh = reader.high
          break
        case 8:
          reader.fixed64()
          this.endLow = reader.low
          this.endHigh = reader.high
          break
        case 15: this.#status.set(reader); break
        default: reader.skip()
      }
    }
    reader.enter(this.#status.start, this.#status.end)
    while (reader.next()) {
      if (reader.field === 2) this.message.set(reader)
      else if (reader.field === 3) this.code = reader.number32()
      else reader.skip()
    }
  }

  #clear (): void {
    for (const place of [this.traceId, this.spanId, this.parentSpanId, this.traceState, this.name, this.message, this.#status]) place.clear()
    this.kind = 0
    this.code = 0
    this.startLow = 0
    this.startHigh = 0
    this.endLow = 0
    this.endHigh = 0
  }

  /** Why no row can be made of the span, if none can. */
  problem (request: Uint8Array): string | undefined {
    const { traceId, spanId } = this
    if (!isId(request, traceId.start, traceId.end, TRACE_ID_BYTES)) return 'trace_id is not 16 bytes, or zero'
    if (!isId(request, spanId.start, spanId.end, SPAN_ID_BYTES)) return 'span_id is not 8 bytes, or zero'
    return this.startHigh < 0 ? 'start_time_unix_nano is after the year 2262' : undefined
  }
}
