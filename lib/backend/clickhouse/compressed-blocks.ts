import { zstdDecompressSync } from 'node:zlib'
import { cityHash128 } from './city-hash.ts'
import { Exception } from './exception.ts'

// A block: 16 bytes of checksum; 1 of method, 4 with the bytes from the method on, 4 with those of the contents; the contents.
const CHECKSUM = 16
const HEAD = 9
const NONE = 0x02
const LZ4 = 0x82
const ZSTD = 0x90

const CONTENTS_MAX = 128 * 1024 * 1024
const WRITTEN_BYTES = 1024 * 1024

/**
 * ClickHouse's own compressed blocks (`compress=1`). They say nothing smaller here: the client is on this machine, and asks for
 * the form alone.
 */
export function writeBlocks (contents: Uint8Array): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < contents.length; at += WRITTEN_BYTES) {
    const piece = contents.subarray(at, at + WRITTEN_BYTES)
    const block = Buffer.allocUnsafe(HEAD + piece.length)
    block.writeUInt8(NONE, 0)
    block.writeUInt32LE(HEAD + piece.length, 1)
    block.writeUInt32LE(piece.length, 5)
    block.set(piece, HEAD)
    parts.push(cityHash128(block), block)
  }
  return Buffer.concat(parts)
}

/**
 * The contents of such blocks (`decompress=1`). Checksums are not looked at: the bytes came over TCP, and the engine reads what
 * they become with the same care as any other.
 *
 * @param maxBytes that they may have
 * @throws {Exception} the bytes are no such blocks, or become too many
 */
export function readBlocks (bytes: Buffer, maxBytes: number): Buffer {
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
    parts.push(contentsOf(method, bytes.subarray(at + CHECKSUM + HEAD, end), size))
    at = end
  }
  return Buffer.concat(parts)
}

function contentsOf (method: number, packed: Buffer, size: number): Buffer {
  switch (method) {
    case NONE:
      if (packed.length !== size) throw malformed('a block is not as long as it says')
      return packed
    case LZ4: return readLz4(packed, size)
    case ZSTD:
      try {
        return zstdDecompressSync(packed, { maxOutputLength: size })
      } catch {
        throw malformed('a block is not ZSTD')
      }
    default: throw Exception.of(89, 'UNKNOWN_COMPRESSION_METHOD', `compression method 0x${method.toString(16)} is not known`)
  }
}

/** The block format of LZ4: literals and repetitions of what came before take turns. */
function readLz4 (packed: Buffer, size: number): Buffer {
  const out = Buffer.allocUnsafe(size)
  let from = 0
  let to = 0
  const length = (nibble: number): number => {
    let value = nibble
    if (nibble < 15) return value
    for (let byte = 255; byte === 255; value += byte) {
      if (from >= packed.length) throw malformed('an LZ4 block ends too soon')
      byte = packed[from++]!
    }
    return value
  }
  while (from < packed.length) {
    const token = packed[from++]!
    const literals = length(token >>> 4)
    if (from + literals > packed.length || to + literals > size) throw malformed('an LZ4 block has too many literals')
    packed.copy(out, to, from, from + literals)
    from += literals
    to += literals
    // The last sequence has no repetition.
    if (from >= packed.length) break
    if (from + 2 > packed.length) throw malformed('an LZ4 block ends too soon')
    const distance = packed.readUInt16LE(from)
    from += 2
    const repeated = length(token & 15) + 4
    if (distance === 0 || distance > to || to + repeated > size) throw malformed('an LZ4 block repeats what is not there')
    for (const end = to + repeated; to < end; to++) out[to] = out[to - distance]!
  }
  if (to !== size) throw malformed('an LZ4 block is not as long as it says')
  return out
}

function malformed (what: string): Exception {
  return Exception.of(271, 'CANNOT_DECOMPRESS', `the body is not in ClickHouse's compressed blocks: ${what}`)
}
