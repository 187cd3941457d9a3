import type { ArrayColumn, PlainColumn } from '../rows/columns.ts'
import { AttributeList } from './attribute-list.ts'
import { addExemplar, endExemplars } from './exemplar-rows.ts'
import type { MetricBlocks, PointColumns } from './metric-columns.ts'
import { ProtobufReader, signedNumber } from './protobuf-reader.ts'

/** Writes what one data point says; the reader is at its beginning. */
export type PointWriter = (point: ProtobufReader) => void

/** Numbers of 64 bits that stand for themselves, until they are written. */
interface Times {
  startLow: number
  startHigh: number
  low: number
  high: number
}

/** Fields 2 and 3 of every point. @returns whether it was one of them */
function readTime (times: Times, point: ProtobufReader): boolean {
  if (point.field !== 2 && point.field !== 3) return false
  point.fixed64()
  if (point.field === 2) {
    times.startLow = point.low
    times.startHigh = point.high
  } else {
    times.low = point.low
    times.high = point.high
  }
  return true
}

function endPoint (columns: PointColumns, times: Times, flags: number): void {
  columns.StartTimeUnix.uint64(times.startLow, times.startHigh)
  columns.TimeUnix.uint64(times.low, times.high)
  columns.Flags.uint32(flags)
}

function noTimes (): Times {
  return { startLow: 0, startHigh: 0, low: 0, high: 0 }
}

/** `NumberDataPoint`, of gauges and sums. */
export function numberPoint (columns: MetricBlocks['gauge']['columns']): PointWriter {
  const attributes = new AttributeList()
  return point => {
    const times = noTimes()
    let flags = 0
    let value = 0
    while (point.next()) {
      if (readTime(times, point)) continue
      switch (point.field) {
        case 4: value = point.double(); break
        case 5: addExemplar(columns, point); break
        case 6:
          point.fixed64()
          value = signedNumber(point.low, point.high)
          break
        case 7: attributes.add(point); break
        case 8: flags = point.number32(); break
        default: point.skip()
      }
    }
    attributes.writeRow(columns.Attributes, point.bytes)
    endPoint(columns, times, flags)
    columns.Value.double(value)
    endExemplars(columns)
  }
}

/** `HistogramDataPoint`. */
export function histogramPoint (columns: MetricBlocks['histogram']['columns']): PointWriter {
  const attributes = new AttributeList()
  return point => {
    const times = noTimes()
    const count = { low: 0, high: 0 }
    let [flags, sum, min, max] = [0, 0, 0, 0]
    while (point.next()) {
      if (readTime(times, point)) continue
      switch (point.field) {
        case 4: readCount(count, point); break
        case 5: sum = point.double(); break
        case 6: readFixedList(columns.BucketCounts, point); break
        case 7: readFixedList(columns.ExplicitBounds, point); break
        case 8: addExemplar(columns, point); break
        case 9: attributes.add(point); break
        case 10: flags = point.number32(); break
        case 11: min = point.double(); break
        case 12: max = point.double(); break
        default: point.skip()
      }
    }
    attributes.writeRow(columns.Attributes, point.bytes)
    endPoint(columns, times, flags)
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
  const attributes = new AttributeList()
  return point => {
    const times = noTimes()
    const count = { low: 0, high: 0 }
    const zero = { low: 0, high: 0 }
    let [flags, sum, min, max, scale, positive, negative] = [0, 0, 0, 0, 0, 0, 0]
    while (point.next()) {
      if (readTime(times, point)) continue
      switch (point.field) {
        case 1: attributes.add(point); break
        case 4: readCount(count, point); break
        case 5: sum = point.double(); break
        case 6: scale = zigzag(point.number32()); break
        case 7: readCount(zero, point); break
        case 8: positive = readBuckets(columns.PositiveBucketCounts, point); break
        case 9: negative = readBuckets(columns.NegativeBucketCounts, point); break
        case 10: flags = point.number32(); break
        case 11: addExemplar(columns, point); break
        case 12: min = point.double(); break
        case 13: max = point.double(); break
        default: point.skip()
      }
    }
    attributes.writeRow(columns.Attributes, point.bytes)
    endPoint(columns, times, flags)
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
  const attributes = new AttributeList()
  return point => {
    const times = noTimes()
    const count = { low: 0, high: 0 }
    let [flags, sum] = [0, 0]
    while (point.next()) {
      if (readTime(times, point)) continue
      switch (point.field) {
        case 4: readCount(count, point); break
        case 5: sum = point.double(); break
        case 6: readQuantile(quantiles, values, point); break
        case 7: attributes.add(point); break
        case 8: flags = point.number32(); break
        default: point.skip()
      }
    }
    attributes.writeRow(columns.Attributes, point.bytes)
    endPoint(columns, times, flags)
    columns.Count.uint64(count.low, count.high)
    columns.Sum.double(sum)
    quantiles.endRow()
    values.endRow()
  }
}

function readCount (count: { low: number, high: number }, point: ProtobufReader): void {
  point.fixed64()
  count.low = point.low
  count.high = point.high
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
