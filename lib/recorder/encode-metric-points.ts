import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api'
import type { DataPoint, ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import type { AttributeEncoder } from '../otlp/encode-attributes.ts'
import type { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import { beginMessage, writeDouble, writeFixed64, writeLong, writeSigned, writeTime } from '../otlp/write-fields.ts'
import { NO_IDS, type Exemplar } from './bucket-exemplars.ts'
import type { HistogramPoint } from './series-meter.ts'
import { writeSpanId, writeTraceId } from './write-ids.ts'

// Tags of opentelemetry/proto/metrics/v1: field number × 8 + wire type. Points of every type are field 1 of their data.
const DATA_POINTS = 0x0a
const POINT_START_TIME = 0x11
const POINT_TIME = 0x19
const NUMBER_AS_DOUBLE = 0x21
const NUMBER_AS_INT = 0x31
const NUMBER_ATTRIBUTES = 0x3a
const HISTOGRAM_COUNT = 0x21
const HISTOGRAM_SUM = 0x29
const HISTOGRAM_BUCKET_COUNTS = 0x32
const HISTOGRAM_BOUNDARIES = 0x3a
const HISTOGRAM_EXEMPLARS = 0x42
const HISTOGRAM_ATTRIBUTES = 0x4a
const HISTOGRAM_MIN = 0x59
const HISTOGRAM_MAX = 0x61
const EXPONENTIAL_ATTRIBUTES = 0x0a
const EXPONENTIAL_SCALE = 0x30
const EXPONENTIAL_ZERO_COUNT = 0x39
const EXPONENTIAL_POSITIVE = 0x42
const EXPONENTIAL_NEGATIVE = 0x4a
const EXPONENTIAL_MIN = 0x61
const EXPONENTIAL_MAX = 0x69
const BUCKETS_OFFSET = 0x08
const BUCKETS_COUNTS = 0x12
const EXEMPLAR_TIME = 0x11
const EXEMPLAR_AS_DOUBLE = 0x19
const EXEMPLAR_SPAN_ID = 0x22
const EXEMPLAR_TRACE_ID = 0x2a

export function writeNumberPoint (
  writer: ProtobufWriter, { attributes, startTime, endTime, value }: DataPoint<number>, type: ValueType, encoder: AttributeEncoder
): void {
  const start = beginPoint(writer, startTime, endTime)
  if (type === ValueType.INT) writeFixed64(writer, NUMBER_AS_INT, value)
  else writeDouble(writer, NUMBER_AS_DOUBLE, value)
  writeAttributes(writer, NUMBER_ATTRIBUTES, attributes, encoder)
  writer.finish(start)
}

export function writeHistogramPoint (
  writer: ProtobufWriter, { attributes, startTime, endTime, value, exemplars = [] }: HistogramPoint, encoder: AttributeEncoder
): void {
  const { boundaries, counts } = value.buckets
  const start = beginPoint(writer, startTime, endTime)
  writeFixed64(writer, HISTOGRAM_COUNT, value.count)
  writeDouble(writer, HISTOGRAM_SUM, value.sum)
  const countsStart = beginMessage(writer, HISTOGRAM_BUCKET_COUNTS)
  for (const count of counts) writeLong(writer, count)
  writer.finish(countsStart)
  const boundariesStart = beginMessage(writer, HISTOGRAM_BOUNDARIES)
  for (const boundary of boundaries) writer.double(boundary)
  writer.finish(boundariesStart)
  for (const exemplar of exemplars) writeExemplar(writer, exemplar)
  writeAttributes(writer, HISTOGRAM_ATTRIBUTES, attributes, encoder)
  writeDouble(writer, HISTOGRAM_MIN, value.min)
  writeDouble(writer, HISTOGRAM_MAX, value.max)
  writer.finish(start)
}

function writeExemplar (writer: ProtobufWriter, { ids, value, time }: Exemplar): void {
  const start = beginMessage(writer, HISTOGRAM_EXEMPLARS)
  writeTime(writer, EXEMPLAR_TIME, time)
  writeDouble(writer, EXEMPLAR_AS_DOUBLE, value)
  if (ids !== NO_IDS) {
    writer.reserve(28)
    writeSpanId(writer, EXEMPLAR_SPAN_ID, ids)
    writeTraceId(writer, EXEMPLAR_TRACE_ID, ids)
  }
  writer.finish(start)
}

export function writeExponentialPoint (
  writer: ProtobufWriter, { attributes, startTime, endTime, value }: DataPoint<ExponentialHistogram>, encoder: AttributeEncoder
): void {
  const start = beginPoint(writer, startTime, endTime)
  writeAttributes(writer, EXPONENTIAL_ATTRIBUTES, attributes, encoder)
  writeFixed64(writer, HISTOGRAM_COUNT, value.count)
  writeDouble(writer, HISTOGRAM_SUM, value.sum)
  writeSigned(writer, EXPONENTIAL_SCALE, value.scale)
  writeFixed64(writer, EXPONENTIAL_ZERO_COUNT, value.zeroCount)
  writeExponentialBuckets(writer, EXPONENTIAL_POSITIVE, value.positive)
  writeExponentialBuckets(writer, EXPONENTIAL_NEGATIVE, value.negative)
  writeDouble(writer, EXPONENTIAL_MIN, value.min)
  writeDouble(writer, EXPONENTIAL_MAX, value.max)
  writer.finish(start)
}

function writeExponentialBuckets (writer: ProtobufWriter, tag: number, { offset, bucketCounts }: ExponentialHistogram['positive']): void {
  const start = beginMessage(writer, tag)
  writeSigned(writer, BUCKETS_OFFSET, offset)
  const countsStart = beginMessage(writer, BUCKETS_COUNTS)
  for (const count of bucketCounts) writer.varint(count)
  writer.finish(countsStart)
  writer.finish(start)
}

function beginPoint (writer: ProtobufWriter, startTime: HrTime, endTime: HrTime): number {
  const start = beginMessage(writer, DATA_POINTS)
  writeTime(writer, POINT_START_TIME, startTime)
  writeTime(writer, POINT_TIME, endTime)
  return start
}

function writeAttributes (writer: ProtobufWriter, tag: number, attributes: Attributes, encoder: AttributeEncoder): void {
  for (const key of Object.keys(attributes)) encoder.write(writer, tag, key, attributes[key])
}
