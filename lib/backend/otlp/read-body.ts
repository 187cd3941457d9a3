import { promisify } from 'node:util'
import { gunzip, gunzipSync, inflate, inflateSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'

/** A body that cannot be taken, with the status that says so. */
export class RefusedBody extends Error {
  readonly status: 400 | 413 | 415

  constructor (status: 400 | 413 | 415, message: string) {
    super(message)
    this.status = status
  }
}

interface Limit {
  readonly maxOutputLength: number
}

/** Up to this size, handing a body to another thread costs more than it saves. */
const AT_ONCE_BYTES = 64 * 1024

const ENCODINGS = {
  gzip: { now: (body: Buffer, limit: Limit) => gunzipSync(body, limit), later: promisify<Buffer, Limit, Buffer>(gunzip) },
  zstd: { now: (body: Buffer, limit: Limit) => zstdDecompressSync(body, limit), later: promisify<Buffer, Limit, Buffer>(zstdDecompress) },
  deflate: { now: (body: Buffer, limit: Limit) => inflateSync(body, limit), later: promisify<Buffer, Limit, Buffer>(inflate) }
}

/**
 * The body without its compression.
 *
 * @param encoding the header `Content-Encoding`
 * @param maxBytes that it may have then: a few kilobytes can become gigabytes
 * @throws {RefusedBody} the encoding is unknown, the bytes are not in it, or they become too many
 */
export async function decompress (body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = (encoding ?? '').trim().toLowerCase()
  if (name === '' || name === 'identity') return body
  if (!Object.hasOwn(ENCODINGS, name)) throw new RefusedBody(415, `Content-Encoding ${JSON.stringify(name.slice(0, 40))} is not one of ${Object.keys(ENCODINGS).join(', ')}`)
  const { now, later } = ENCODINGS[name as keyof typeof ENCODINGS]
  const limit = { maxOutputLength: maxBytes }
  try {
    return body.length <= AT_ONCE_BYTES ? now(body, limit) : await later(body, limit)
  } catch (problem) {
    throw (problem as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? new RefusedBody(413, `the body has more than ${maxBytes} bytes when it is decompressed`)
      : new RefusedBody(400, `the body is not ${name}`)
  }
}
