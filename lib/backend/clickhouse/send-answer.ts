import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib'
import type { QueryAnswer } from './answer-query.ts'
import { contentTypeOf } from './content-types.ts'
import { piecesOf } from './pieces.ts'
import type { QueryRequest } from './query-request.ts'

/** Less than this is not worth compressing. */
const COMPRESSED_MIN = 1_024
/** Up to this size, handing an answer to another thread costs more than it saves. */
const AT_ONCE_BYTES = 64 * 1024
const PIECE_BYTES = 256 * 1024
/** Milliseconds after which a client that reads nothing of its answer is given up: the answer takes memory. */
const READING_MS = 60_000

const ENCODERS = {
  zstd: { now: zstdCompressSync, later: createZstdCompress },
  gzip: { now: gzipSync, later: createGzip }
}

/** Resolves when the client has the answer; rejects when it left before. */
export async function sendAnswer (request: IncomingMessage, response: ServerResponse, { queryId, acceptsEncoding }: QueryRequest, { format, parts }: QueryAnswer): Promise<void> {
  response.setHeader('Content-Type', contentTypeOf(format))
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('X-ClickHouse-Query-Id', queryId ?? randomUUID())
  response.setHeader('X-ClickHouse-Server-Display-Name', 'letta-otel')
  response.setHeader('X-ClickHouse-Timezone', 'UTC')
  response.setHeader('X-ClickHouse-Summary', '{"read_rows":"0","read_bytes":"0","written_rows":"0","written_bytes":"0","total_rows_to_read":"0","result_rows":"0","result_bytes":"0","elapsed_ns":"0"}')
  const length = lengthOf(parts)
  const encoder = acceptsEncoding && length >= COMPRESSED_MIN ? encoderOf(request) : undefined
  if (encoder !== undefined) response.setHeader('Content-Encoding', encoder)
  if (length <= AT_ONCE_BYTES) {
    const bytes = Buffer.concat(parts)
    const sent = encoder === undefined ? bytes : ENCODERS[encoder].now(bytes)
    response.setHeader('Content-Length', sent.length)
    response.end(request.method === 'HEAD' ? undefined : sent)
    return
  }
  if (encoder === undefined) response.setHeader('Content-Length', length)
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  response.setTimeout(READING_MS, () => { response.destroy() })
  const pieces = Readable.from(piecesOf(parts, PIECE_BYTES))
  const sent = encoder === undefined ? pipeline(pieces, response) : pipeline(pieces, ENCODERS[encoder].later(), response)
  await unlessClosed(request.socket, sent)
}

/** Before version 24, Node says no `close` of a response whose connection ends while it waits behind another. */
async function unlessClosed (socket: Socket, sent: Promise<void>): Promise<void> {
  const closed = Promise.withResolvers<never>()
  const leave = (): void => { closed.reject(new Error('the client has left')) }
  socket.once('close', leave)
  if (socket.destroyed) leave()
  try {
    await Promise.race([sent, closed.promise])
  } finally {
    socket.off('close', leave)
  }
}

export function lengthOf (parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

function encoderOf ({ headers }: IncomingMessage): keyof typeof ENCODERS | undefined {
  const accepted = String(headers['accept-encoding'] ?? '')
  return (['zstd', 'gzip'] as const).find(name => accepted.includes(name))
}
