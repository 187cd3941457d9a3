import { crc32 } from 'node:zlib'

/** What a request carries. */
export type Signal = 'traces' | 'metrics' | 'logs'

/** One parcel: a whole OTLP request, as it goes over the wire uncompressed. */
export interface SpoolRecord {
  readonly signal: Signal
  /** Spans, metric data points or log records in it. */
  readonly count: number
  /** The OTLP protobuf message; never a header or an address, so no credential gets to the disk. */
  readonly body: Uint8Array
}

/** What stands before a record's body. */
export interface RecordHead {
  readonly signal: Signal | undefined
  readonly count: number
  /** Bytes of the body behind the head. */
  readonly length: number
}

/** `LOSP`, version, the lowest bytes of the acknowledged bytes (3), these (6), acknowledged items of the record behind them (2). Little-endian. */
export const SEGMENT_HEAD_BYTES = 16
/** CRC-32 of everything behind it (4), length of the body (4), count (4), signal (1), 3 × 0. Little-endian. */
export const RECORD_HEAD_BYTES = 16
export const VERSION = 1

const MAGIC = 'LOSP'
const VERSION_AT = 4
const CHECK_AT = 5
const CHECK_BYTES = 3
const CHECK_VALUES = 2 ** (8 * CHECK_BYTES)
const ACKNOWLEDGED_AT = 8
const ACKNOWLEDGED_BYTES = 6
const ACKNOWLEDGED_ITEMS_BYTES = 2
const ACKNOWLEDGED_ITEMS_MAX = 0xffff
/** The order is the number on disk. */
const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']

export function segmentHead (): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES)
  head.write(MAGIC, 'latin1')
  head.writeUInt8(VERSION, VERSION_AT)
  return head
}

/** What a segment says of itself. */
export interface SegmentHead {
  readonly version: number
  /** Where the first record starts that is not acknowledged. */
  readonly start: number
  /** Of that record, how many items from its beginning on are. */
  readonly items: number
}

/** @returns undefined when this is no segment */
export function readSegmentHead (head: Buffer): SegmentHead | undefined {
  if (head.length < SEGMENT_HEAD_BYTES || head.toString('latin1', 0, VERSION_AT) !== MAGIC) return undefined
  const acknowledged = head.readUIntLE(ACKNOWLEDGED_AT, ACKNOWLEDGED_BYTES)
  // A process that knows nothing of items moves the bytes alone: the items are of an earlier record then.
  const isOfRecord = head.readUIntLE(CHECK_AT, CHECK_BYTES) === acknowledged % CHECK_VALUES
  const items = isOfRecord ? head.readUIntLE(ACKNOWLEDGED_AT + ACKNOWLEDGED_BYTES, ACKNOWLEDGED_ITEMS_BYTES) : 0
  return { version: head.readUInt8(VERSION_AT), start: Math.max(acknowledged, SEGMENT_HEAD_BYTES), items }
}

/**
 * Where in a segment's head it stands that all before byte `end` is acknowledged, and so many items of the record there, and the
 * bytes that say so, written at once. More items than two bytes can say are acknowledged in vain: they come again.
 */
export function acknowledgement (end: number, items: number): { readonly position: number, readonly bytes: Buffer } {
  const bytes = Buffer.alloc(CHECK_BYTES + ACKNOWLEDGED_BYTES + ACKNOWLEDGED_ITEMS_BYTES)
  bytes.writeUIntLE(end % CHECK_VALUES, 0, CHECK_BYTES)
  bytes.writeUIntLE(end, CHECK_BYTES, ACKNOWLEDGED_BYTES)
  bytes.writeUIntLE(Math.min(items, ACKNOWLEDGED_ITEMS_MAX), CHECK_BYTES + ACKNOWLEDGED_BYTES, ACKNOWLEDGED_ITEMS_BYTES)
  return { position: CHECK_AT, bytes }
}

/** Bytes a record takes in a segment. */
export function recordBytes (record: SpoolRecord): number {
  return RECORD_HEAD_BYTES + record.body.byteLength
}

export function recordHead (record: SpoolRecord): Buffer {
  const head = Buffer.alloc(RECORD_HEAD_BYTES)
  head.writeUInt32LE(record.body.byteLength, 4)
  head.writeUInt32LE(record.count, 8)
  head.writeUInt8(SIGNALS.indexOf(record.signal), 12)
  head.writeUInt32LE(checksum(head, record.body), 0)
  return head
}

/** @param head {@link RECORD_HEAD_BYTES} bytes, of which nothing is known yet */
export function readRecordHead (head: Buffer): RecordHead {
  return { length: head.readUInt32LE(4), count: head.readUInt32LE(8), signal: SIGNALS[head.readUInt8(12)] }
}

/** Whether head and body are as they were written. */
export function isIntact (head: Buffer, body: Uint8Array): boolean {
  return head.readUInt32LE(0) === checksum(head, body)
}

function checksum (head: Buffer, body: Uint8Array): number {
  const ofHead = crc32(head.subarray(4))
  // Over nothing, Node 22 can give 0 whatever it starts from.
  return body.byteLength === 0 ? ofHead : crc32(body, ofHead)
}
