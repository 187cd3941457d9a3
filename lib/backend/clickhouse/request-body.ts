import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Budget } from './budget.ts'
import { Exception } from './exception.ts'

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress, zstd: createZstdDecompress
}

/**
 * The body without its compression, read to its end. Its bytes stay taken from the budget; of one that cannot be read they are given back.
 *
 * @throws {Exception} the encoding is unknown, the bytes are not in it, or they become more than `maxBytes`
 */
export async function readRequestBody (request: IncomingMessage, maxBytes: number, budget: Budget): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return await collect(request, maxBytes, budget)
  if (!Object.hasOwn(DECODERS, encoding)) {
    throw Exception.of(89, 'UNKNOWN_COMPRESSION_METHOD', `Content-Encoding ${JSON.stringify(encoding.slice(0, 40))} is not one of ${Object.keys(DECODERS).join(', ')}`)
  }
  const decoder = DECODERS[encoding]!()
  request.once('error', problem => { (decoder as unknown as Readable).destroy(problem) })
  try {
    return await collect(request.pipe(decoder) as unknown as Readable, maxBytes, budget)
  } catch (problem) {
    request.unpipe()
    throw problem instanceof Exception ? problem : Exception.of(354, 'ZLIB_INFLATE_FAILED', `the body is not ${encoding}`)
  }
}

async function collect (stream: Readable, maxBytes: number, budget: Budget): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > maxBytes) throw Exception.of(131, 'TOO_LARGE_STRING_SIZE', `the body has more than ${maxBytes} bytes`)
      budget.take(chunk.length)
      bytes += chunk.length
      chunks.push(chunk)
    }
  } catch (problem) {
    budget.give(bytes)
    throw problem
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}
