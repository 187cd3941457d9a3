import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import t from 'tap'
import { ProtobufWriter, varintLength } from '../../lib/otlp/protobuf-writer.ts'

type Field = readonly [write: (writer: ProtobufWriter) => void, read: (reader: protobuf.Reader) => unknown, value: unknown]

function fieldOf<Value> (
  values: fc.Arbitrary<Value>, write: (writer: ProtobufWriter, value: Value) => void, read: (reader: protobuf.Reader) => Value
): fc.Arbitrary<Field> {
  return values.map(value => [writer => { write(writer, value) }, read, value])
}

const FIELD = fc.oneof(
  fieldOf(fc.oneof(fc.maxSafeNat(), fc.nat()), (writer, value) => { writer.varint(value) }, reader => Number(reader.uint64())),
  fieldOf(fc.maxSafeInteger(), (writer, value) => { writer.varint(value) }, reader => Number(reader.int64())),
  fieldOf(fc.double(), (writer, value) => { writer.double(value) }, reader => reader.double()),
  fieldOf(fc.nat(2 ** 32 - 1), (writer, value) => { writer.fixed32(value) }, reader => reader.fixed32()),
  fieldOf(fc.string({ unit: 'binary', maxLength: 200 }), (writer, value) => { writer.string(value) }, reader => reader.string()),
  fieldOf(fc.uint8Array({ maxLength: 300 }), (writer, value) => { writer.lengthDelimited(value) }, reader => Uint8Array.from(reader.bytes()))
)

t.test('what is written is read back, from memory that was given and has grown', async () => {
  fc.assert(fc.property(fc.array(FIELD), fc.nat(64), (fields, size) => {
    const writer = new ProtobufWriter(new ArrayBuffer(size))
    for (const [write] of fields) write(writer)
    const reader = protobuf.Reader.create(writer.written)
    return fields.every(([, read, value]) => isDeepStrictEqual(read(reader), value)) && reader.pos === reader.len
  }), { numRuns: 500 })
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
