import fc from 'fast-check'
import protobuf from 'protobufjs'
import t from 'tap'
import { ProtobufWriter, varintLength } from '../../lib/otlp/protobuf-writer.ts'

/** Values with what writes and what reads them back. */
const FIELDS = {
  varint: { value: fc.oneof(fc.maxSafeNat(), fc.nat()), write: (writer: ProtobufWriter, value: number) => { writer.varint(value) }, read: (reader: protobuf.Reader) => Number(reader.uint64()) },
  double: { value: fc.double(), write: (writer: ProtobufWriter, value: number) => { writer.double(value) }, read: (reader: protobuf.Reader) => reader.double() },
  fixed32: { value: fc.nat(2 ** 32 - 1), write: (writer: ProtobufWriter, value: number) => { writer.fixed32(value) }, read: (reader: protobuf.Reader) => reader.fixed32() },
  string: { value: fc.string({ unit: 'binary', maxLength: 200 }), write: (writer: ProtobufWriter, value: string) => { writer.string(value) }, read: (reader: protobuf.Reader) => reader.string() },
  bytes: { value: fc.uint8Array({ maxLength: 300 }), write: (writer: ProtobufWriter, value: Uint8Array) => { writer.lengthDelimited(value) }, read: (reader: protobuf.Reader) => Uint8Array.from(reader.bytes()) }
}

t.test('what is written is read back, in memory that is given and grows', async () => {
  const fields = Object.values(FIELDS).map(({ value, ...field }) => fc.record({ value: value as fc.Arbitrary<never>, field: fc.constant(field) }))
  fc.assert(fc.property(fc.array(fc.oneof(...fields)), fc.nat(64), (values, size) => {
    const writer = new ProtobufWriter(new ArrayBuffer(size))
    for (const { field, value } of values) field.write(writer, value)
    const reader = protobuf.Reader.create(writer.written)
    for (const { field, value } of values) t.strictSame(field.read(reader), value)
    return reader.pos === reader.len
  }), { numRuns: 200 })
})

t.test('a length takes the bytes that are foreseen for it', async t => {
  for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, 2 ** 32]) {
    const writer = new ProtobufWriter(1)
    writer.varint(length)
    t.equal(writer.at, varintLength(length), String(length))
  }
})

t.test('messages within each other, of any length', async t => {
  for (const length of [0, 125, 126, 127, 128, 16_380, 16_384, 2_097_152]) {
    const writer = new ProtobufWriter(1)
    const outer = writer.begin()
    const inner = writer.begin()
    writer.raw(Buffer.alloc(length, 7))
    writer.finish(inner)
    writer.finish(outer)
    const inside = protobuf.Reader.create(writer.written).bytes()
    t.equal(Buffer.compare(protobuf.Reader.create(inside).bytes(), Buffer.alloc(length, 7)), 0, String(length))
  }
})

t.test('times keep every nanosecond, whatever was written before', async () => {
  const seconds = fc.oneof(fc.nat(18_446_744_072), fc.constantFrom(0, 4, 5, 1_700_000_000))
  fc.assert(fc.property(fc.array(fc.tuple(seconds, fc.nat(999_999_999))), times => {
    const writer = new ProtobufWriter(1)
    for (const [second, nanosecond] of times) writer.fixed64Time(second, nanosecond)
    const bytes = Buffer.from(writer.written)
    return times.every(([second, nanosecond], index) => bytes.readBigUInt64LE(index * 8) === BigInt(second) * 1_000_000_000n + BigInt(nanosecond))
  }))
})
