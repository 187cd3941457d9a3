import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { Breaks } from './breaks.ts'
import { cityHash128 } from './city-hash.ts'
import { Exception } from './exception.ts'
import { Lz4Block, malformed } from './lz4-block.ts'
import { piecesOf } from './pieces.ts'

// A block: 16 bytes of checksum; 1 of method, 4 with the bytes from the method on, 4 with those of the contents; the contents.
const CHECKSUM = 16
const HEAD = 9
const NONE = 0x02
const LZ4 = 0x82
const ZSTD = 0x90

const CONTENTS_MAX = 128 * 1024 * 1024
/** More would take too long to make the checksum of without a break. */
const WRITTEN_BYTES = 64 * 1024
/** Bytes of LZ4 between two looks at the time. */
const LZ4_BYTES = 1024 * 1024

const readZstd = promisify(zstdDecompress)

/**
 * ClickHouse's own compressed blocks (`compress=1`), one after the other. They say nothing smaller here: the client is on this
 * machine, and asks for the form alone.
 */
export async function writeBlocks (contents: readonly Uint8Array[]): Promise<Buffer[]> {
  const breaks = new Breaks()
  const blocks: Buffer[] = []
  for (const piece of piecesOf(contents, WRITTEN_BYTES)) {
    const block = Buffer.allocUnsafe(CHECKSUM + HEAD + piece.length)
    block.writeUInt8(NONE, CHECKSUM)
    block.writeUInt32LE(HEAD + piece.length, CHECKSUM + 1)
    block.writeUInt32LE(piece.length, CHECKSUM + 5)
    block.set(piece, CHECKSUM + HEAD)
    block.set(cityHash128(block.subarray(CHECKSUM)))
    blocks.push(block)
    if (breaks.isDue) await breaks.take()
  }
  return blocks
}

/**
 * The contents of such blocks (`decompress=1`). Checksums are not looked at: the bytes came over TCP, and the engine reads what
 * they become with the same care as any other.
 *
 * @param maxBytes that they may have
 * @param take told of bytes that will be in memory, before they are; what it throws ends it
 * @throws {Exception} the bytes are no such blocks, or become too many
 */
export async function readBlocks (bytes: Buffer, maxBytes: number, take: (bytes: number) => void = () => {}): Promise<Buffer> {
  const breaks = new Breaks()
  const parts: Buffer[] = []
  let total = 0
  for (let at = 0; at < bytes.length;) {
    if (at + CHECKSUM + HEAD > bytes.length) throw malformed('a block ends too soon')
    const method = bytes.readUInt8(at + CHECKSUM)
    const packed = bytes.readUInt32LE(at + CHECKSUM + 1)
    const size = bytes.readUInt32LE(at + CHECKSUM + 5)
    const end = at + CHECKSUM + packed
    if (packed < HEAD || end > bytes.length) throw malformed('a block ends too soon')
    total += size
    if (size > CONTENTS_MAX || total > maxBytes) throw Exception.of(131, 'TOO_LARGE_STRING_SIZE', `the body has more than ${maxBytes} bytes when it is decompressed`)
    take(size)
    parts.push(await contentsOf(method, bytes.subarray(at + CHECKSUM + HEAD, end), size, breaks))
    at = end
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

async function contentsOf (method: number, packed: Buffer, size: number, breaks: Breaks): Promise<Buffer> {
  switch (method) {
    case NONE:
      if (packed.length !== size) throw malformed('a block is not as long as it says')
      return packed
    case LZ4: return await readLz4(new Lz4Block(packed, size), breaks)
    case ZSTD:
      try {
        return await readZstd(packed, { maxOutputLength: size })
      } catch {
        throw malformed('a block is not ZSTD')
      }
    default: throw Exception.of(89, 'UNKNOWN_COMPRESSION_METHOD', `compression method 0x${method.toString(16)} is not known`)
  }
}

async function readLz4 (block: Lz4Block, breaks: Breaks): Promise<Buffer> {
  for (;;) {
    const contents = block.next(LZ4_BYTES)
    if (breaks.isDue) await breaks.take()
    if (contents !== undefined) return contents
  }
}
