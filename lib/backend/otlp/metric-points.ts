import type { ArrayColumn, PlainColumn } from '../rows/columns.ts'
import { AttributeList } from './attribute-list.ts'
import { addExemplar, endExemplars } from './exemplar-rows.ts'
import type { MetricBlocks, PointColumns } from './metric-columns.ts'
import { ProtobufReader, signedNumber } from './protobuf-reader.ts'

/** Writes what one data point says; the reader is at its beginning. */
export type PointWriter = (point: ProtobufReader) => void

/** A number of 64 bits that stands for itself, until it is written. */
interface Long {
  low: number
  high: number
}

/** What points of every kind have. */
class PointFields {
  readonly attributes = new AttributeList()
  flags = 0
  readonly #start: Long = { low: 0, high: 0 }
  readonly #time: Long = { low: 0, high: 0 }

  begin (): void {
    this.flags = 0
    for (const time of [this.#start, this.#time]) time.low = time.high = 0
  }

  /** Fields 2 and 3 of every point. @returns whether it was one of them */
  readTime (point: ProtobufReader): boolean {
    if (point.field !== 2 && point.field !== 3) return false
    readLong(point.field === 2 ? this.#start : this.#time, point)
    return true
  }

  write (columns: PointColumns, { bytes }: ProtobufReader): void {
    this.attributes.writeRow(columns.Attributes, bytes)
    columns.StartTimeUnix.uint64(this.#start.low, this.#start.high)
    columns.TimeUnix.uint64(this.#time.low, this.#time.high)
    columns.Flags.uint32(this.flags)
  }
}

/** `NumberDataPoint`, of gauges and sums. */
export function numberPoint (columns: MetricBlocks['gauge']['columns']): PointWriter {
  const fields = new PointFields()
  return point => {
    fields.begin()
    let value = 0
    while (point.next()) {
      if (fields.readTime(point)) continue
      switch (point.field) {
        case 4: value = point.double(); break
        case 5: addExemplar(columns, point); break
        case 6:
          point.fixed64()
          value = signedNumber(point.low, point.high)
          break
        case 7: fields.attributes.add(point); break
        case 8: fields.flags = point.number32(); break
        default: point.skip()
      }
    }
    fields.write(columns, point)
    columns.Value.double(value)
    endExemplars(columns)
  }
}

/** `HistogramDataPoint`. */
export function histogramPoint (columns: MetricBlocks['histogram']['columns']): PointWriter {
  const fields = new PointFields()
  return point => {
    fields.begin()
    const count: Long = { low: 0, high: 0 }
    let [sum, min, max] = [0, 0, 0]
    while (point.next()) {
      if (fields.readTime(point)) continue
      switch (point.field) {
        case 4: readLong(count, point); break
        case 5: sum = point.double(); break
        case 6: readFixedList(columns.BucketCounts, point); break
        case 7: readFixedList(columns.ExplicitBounds, point); break
        case 8: addExemplar(columns, point); break
        case 9: fields.attributes.add(point); break
        case 10: fields.flags = point.number32(); break
        case 11: min = point.double(); break
        case 12: max = point.double(); break
        default: point.skip()
      }
    }
    fields.write(columns, point)
    columns.Count.uint64(count.low, count.high)
    columns.Sum.double(sum)
    columns.Min.double(min)
    columns.Max.double(max)
    columns.BucketCounts.endRow()
    columns.ExplicitBounds.endRow()
    endExemplars(columns)
  }
}

/** `ExponentialHistogramDataPoint`. */
export function exponentialHistogramPoint (columns: MetricBlocks['exponentialHistogram']['columns']): PointWriter {
  const fields = new PointFields()
  return point => {
    fields.begin()
    const count: Long = { low: 0, high: 0 }
    const zero: Long = { low: 0, high: 0 }
    let [sum, min, max, scale, positive, negative] = [0, 0, 0, 0, 0, 0]
    while (point.next()) {
      if (fields.readTime(point)) continue
      switch (point.field) {
        case 1: fields.attributes.add(point); break
        case 4: readLong(count, point); break
        case 5: sum = point.double(); break
        case 6: scale = zigzag(point.number32()); break
        case 7: readLong(zero, point); break
        case 8: positive = readBuckets(columns.PositiveBucketCounts, point); break
        case 9: negative = readBuckets(columns.NegativeBucketCounts, point); break
        case 10: fields.flags = point.number32(); break
        case 11: addExemplar(columns, point); break
        case 12: min = point.double(); break
        case 13: max = point.double(); break
        default: point.skip()
      }
    }
    fields.write(columns, point)
    columns.Count.uint64(count.low, count.high)
    columns.Sum.double(sum)
    columns.Min.double(min)
    columns.Max.double(max)
    columns.Scale.uint32(scale)
    columns.ZeroCount.uint64(zero.low, zero.high)
    columns.PositiveOffset.uint32(positive)
    columns.PositiveBucketCounts.endRow()
    columns.NegativeOffset.uint32(negative)
    columns.NegativeBucketCounts.endRow()
    endExemplars(columns)
  }
}

/** `SummaryDataPoint`. */
export function summaryPoint (columns: MetricBlocks['summary']['columns']): PointWriter {
  const quantiles = columns['ValueAtQuantiles.Quantile']
  const values = columns['ValueAtQuantiles.Value']
  const fields = new PointFields()
  return point => {
    fields.begin()
    const count: Long = { low: 0, high: 0 }
    let sum = 0
    while (point.next()) {
      if (fields.readTime(point)) continue
      switch (point.field) {
        case 4: readLong(count, point); break
        case 5: sum = point.double(); break
        case 6: readQuantile(quantiles, values, point); break
        case 7: fields.attributes.add(point); break
        case 8: fields.flags = point.number32(); break
        default: point.skip()
      }
    }
    fields.write(columns, point)
    columns.Count.uint64(count.low, count.high)
    columns.Sum.double(sum)
    quantiles.endRow()
    values.endRow()
  }
}

function readLong (long: Long, point: ProtobufReader): void {
  point.fixed64()
  long.low = point.low
  long.high = point.high
}

/** Eight bytes each, packed or one by one. */
function readFixedList (column: ArrayColumn<PlainColumn>, point: ProtobufReader): void {
  if (point.wire === 1) point.fixed64()
  else point.delimited()
  const count = Math.floor((point.end - point.start) / 8)
  column.values.raw(point.bytes, point.start, point.start + count * 8)
  column.added(count)
}

/** `Buckets`. @returns the offset */
function readBuckets (column: ArrayColumn<PlainColumn>, point: ProtobufReader): number {
  point.delimited()
  const reader = new ProtobufReader(point.bytes, point.start, point.end)
  let offset = 0
  while (reader.next()) {
    if (reader.field === 1) offset = zigzag(reader.number32())
    else if (reader.field === 2) readVarintList(column, reader)
    else reader.skip()
  }
  return offset
}

/** Packed or one by one. */
function readVarintList (column: ArrayColumn<PlainColumn>, reader: ProtobufReader): void {
  if (reader.wire === 2) {
    reader.delimited()
    const list = new ProtobufReader(reader.bytes, reader.start, reader.end)
    while (list.hasMore) {
      list.bareVarint()
      column.values.uint64(list.low, list.high)
      column.added()
    }
    return
  }
  reader.varint()
  column.values.uint64(reader.low, reader.high)
  column.added()
}

function readQuantile (quantiles: ArrayColumn<PlainColumn>, values: ArrayColumn<PlainColumn>, point: ProtobufReader): void {
  point.delimited()
  const reader = new ProtobufReader(point.bytes, point.start, point.end)
  let [quantile, value] = [0, 0]
  while (reader.next()) {
    if (reader.field === 1) quantile = reader.double()
    else if (reader.field === 2) value = reader.double()
    else reader.skip()
  }
  quantiles.values.double(quantile)
  quantiles.added()
  values.values.double(value)
  values.added()
}

function zigzag (value: number): number {
  return (value >>> 1) ^ -(value & 1)
}
