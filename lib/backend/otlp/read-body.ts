import type { Readable, Transform } from 'node:stream'
import { createGunzip, createInflate, createZstdDecompress, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { HeldByRequest } from './held-bytes.ts'
import { RefusedBody } from './refused-body.ts'

/** Up to these sizes, as sent and then, handing a body to another thread costs more than it saves. */
export const AT_ONCE_BYTES = 64 * 1024
const AT_ONCE_DECOMPRESSED = 1024 * 1024
/** Bytes that a decoder gives at a time. */
const CHUNK = { chunkSize: 256 * 1024 }

const ENCODINGS = {
  gzip: { now: gunzipSync, decoder: () => createGunzip(CHUNK) },
  zstd: { now: zstdDecompressSync, decoder: () => createZstdDecompress(CHUNK) },
  deflate: { now: inflateSync, decoder: () => createInflate(CHUNK) }
}

export type ContentEncoding = keyof typeof ENCODINGS

/**
 * @param header `Content-Encoding`
 * @returns undefined where there is none
 * @throws {RefusedBody} it is not one of those that are read
 */
export function contentEncodingOf (header: string | undefined): ContentEncoding | undefined {
  const name = (header ?? '').trim().toLowerCase()
  if (name === '' || name === 'identity') return undefined
  if (Object.hasOwn(ENCODINGS, name)) return name as ContentEncoding
  throw new RefusedBody(415, `Content-Encoding ${JSON.stringify(name.slice(0, 40))} is not one of ${Object.keys(ENCODINGS).join(', ')}`)
}

/**
 * A body as it is sent, read to its end.
 *
 * @param announced bytes, which are counted already; 0 where none were
 * @param held counts what comes beyond them
 * @throws {RefusedBody} it has more than `maxBytes`
 * @throws {TooMuchWaits} others hold too much
 */
export async function readBody (stream: Readable, announced: number, maxBytes: number, held: HeldByRequest): Promise<Buffer> {
  return await collect(stream, ({ total, added }) => {
    if (total > maxBytes) throw new RefusedBody(413, `the body has more than ${maxBytes} bytes`)
    if (total > announced) held.take(added)
  })
}

/**
 * A small body without its compression; undefined where it becomes, or might become, large.
 *
 * @throws {RefusedBody} the bytes are not in the encoding
 */
export function decompressNow (body: Buffer, encoding: ContentEncoding, maxBytes: number): Buffer | undefined {
  if (body.length > AT_ONCE_BYTES) return undefined
  try {
    return ENCODINGS[encoding].now(body, { maxOutputLength: Math.min(AT_ONCE_DECOMPRESSED, maxBytes) })
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw new RefusedBody(400, `the body is not ${encoding}`)
  }
}

/**
 * The body without its compression.
 *
 * @param maxBytes that it may have then: a few kilobytes can become gigabytes
 * @param held counts what it becomes, while it does
 * @throws {RefusedBody} the bytes are not in the encoding, or become too many
 * @throws {TooMuchWaits} others hold too much
 */
export async function decompress (body: Buffer, encoding: ContentEncoding, maxBytes: number, held: HeldByRequest): Promise<Buffer> {
  const decoder: Transform = ENCODINGS[encoding].decoder()
  decoder.end(body)
  try {
    return await collect(decoder, ({ total, added }) => {
      if (total > maxBytes) throw new RefusedBody(413, `the body has more than ${maxBytes} bytes when it is decompressed`)
      held.take(added)
    })
  } catch (problem) {
    throw (problem as NodeJS.ErrnoException).code === undefined ? problem : new RefusedBody(400, `the body is not ${encoding}`)
  } finally {
    decoder.destroy()
  }
}

/** @param count told of each chunk before it is kept; what it throws ends it */
async function collect (stream: Readable, count: (bytes: { readonly total: number, readonly added: number }) => void): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let total = 0
  const take = (chunk: Buffer): void => {
    total += chunk.length
    try {
      count({ total, added: chunk.length })
      chunks.push(chunk)
    } catch (problem) {
      chunks.length = 0
      stream.off('data', take).pause()
      reject(problem as Error)
    }
  }
  stream.on('data', take)
  stream.once('end', () => { resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)) })
  stream.once('error', reject)
  stream.once('close', () => { reject(new RefusedBody(400, 'the body ended too soon')) })
  return await promise
}
