import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SIGNALS, type Signal } from '../../export/parcel.ts'
import { loadReadOtlpJson, type ReadOtlpJson } from '../../export/read-otlp-json.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { TooMuchWaits } from '../ingest/too-much-waits.ts'
import { HeldBytes, type HeldByRequest } from './held-bytes.ts'
import { CONTENT_TYPES, encodingOf, exportResponse, sendStatus } from './otlp-answers.ts'
import { MalformedMessage } from './protobuf-reader.ts'
import { AT_ONCE_BYTES, contentEncodingOf, decompress, decompressNow, readBody } from './read-body.ts'
import { RefusedBody } from './refused-body.ts'
import { ShortQueue } from './short-queue.ts'

export interface OtlpLimits {
  /** Bytes of a body as it is sent. @default 20_971_520 (20 MiB), as the Collector */
  readonly maxBodyBytes?: number | undefined
  /** Bytes of a body without its compression. @default 67_108_864 (64 MiB) */
  readonly maxDecompressedBytes?: number | undefined
  /** Bytes of bodies that are in memory at the same time, as sent and without their compression. @default 134_217_728 (128 MiB) */
  readonly maxReadingBytes?: number | undefined
  /** Milliseconds that a large compressed body waits for its turn. @default 5000, half of the time after which OTLP's clients give up */
  readonly maxWaitMs?: number | undefined
}

const MEBIBYTE = 1024 * 1024
/** Of JSON: an object takes hundreds of bytes of memory, also where it is written in three. */
const VALUES_MAX = 2_000_000
/** Seconds after which the engine has caught up, as a rule. */
const RETRY_AFTER = '1'
/** Large bodies that are decompressed at a time: others wait as they were sent, which takes less memory. */
const DECOMPRESSED_AT_A_TIME = 2

/** OTLP/HTTP: `POST /v1/traces`, `/v1/metrics` and `/v1/logs`. */
export async function otlpRoutes (app: FastifyInstance, { ingest, limits = {} }: { ingest: Ingest, limits?: OtlpLimits | undefined }): Promise<void> {
  const { maxBodyBytes = 20 * MEBIBYTE, maxDecompressedBytes = 64 * MEBIBYTE, maxReadingBytes = 128 * MEBIBYTE, maxWaitMs } = limits
  const readJson = await loadReadOtlpJson()
  const bodies = new HeldBytes(maxReadingBytes)
  const heldBy = new WeakMap<FastifyRequest, HeldByRequest>()
  const large = new ShortQueue(DECOMPRESSED_AT_A_TIME, { waitMaxMs: maxWaitMs })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/x-protobuf', 'application/json'], async (request: FastifyRequest, payload: IncomingMessage) => {
    const announced = announcedBytes(request)
    if (announced > maxBodyBytes) throw new RefusedBody(413, `the body has more than ${maxBodyBytes} bytes`)
    return await readBody(payload, announced, maxBodyBytes, heldBy.get(request)!)
  })

  app.addHook('onRequest', async (request, reply) => {
    const held = bodies.open()
    // What is refused is not read: it would take the memory that there is none of.
    if (ingest.isBehind || (large.isFull && isLarge(request))) throw new TooMuchWaits()
    held.take(announcedBytes(request))
    heldBy.set(request, held)
    reply.raw.once('close', () => { held.end() })
  })
  // Before version 24, Node says no `close` of a response whose connection ends while it waits behind another.
  app.addHook('onSend', (request, _reply, payload, done) => {
    heldBy.get(request)?.end()
    done(null, payload)
  })

  app.setErrorHandler((error: Error & { statusCode?: number, code?: string }, request, reply) => {
    const { statusCode = 500 } = error
    const message = error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ? `Content-Type ${typeOf(request)} is not one of ${Object.values(CONTENT_TYPES).join(', ')}` : error.message
    if (statusCode === 429) {
      ingest.refused(SIGNALS.find(signal => request.url.startsWith(`/v1/${signal}`)) ?? 'traces')
      void reply.header('Retry-After', RETRY_AFTER)
    }
    if (!request.raw.complete) void reply.header('Connection', 'close')
    sendStatus(statusCode, message, request, reply)
  })

  for (const signal of SIGNALS) {
    app.post(`/v1/${signal}`, async (request, reply) => {
      const encoding = encodingOf(request)
      const given = request.body instanceof Buffer ? request.body : Buffer.alloc(0)
      const take = (body: Buffer): Buffer => {
        // More may wait than when the request came.
        if (ingest.isBehind) throw new TooMuchWaits()
        return exportResponse(signal, encoding, ingest.accept(signal, encoding === 'json' ? fromJson(readJson, signal, body) : body))
      }
      const contentEncoding = contentEncodingOf(request.headers['content-encoding'])
      const body = contentEncoding === undefined ? given : decompressNow(given, contentEncoding, maxDecompressedBytes)
      void reply.type(CONTENT_TYPES[encoding])
      if (body !== undefined) return take(body)
      return await large.take(async () => {
        const held = heldBy.get(request)!
        const decompressed = await decompress(given, contentEncoding!, maxDecompressedBytes, held)
        const answer = take(decompressed)
        held.give(decompressed.length)
        return answer
      })
    })
    app.route({
      method: ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'],
      url: `/v1/${signal}`,
      handler: (request, reply) => { sendStatus(405, `send ${signal} with POST`, request, reply.header('Allow', 'POST')) }
    })
  }
}

/** Whether it will wait for its turn, as far as it can be known before it is read. */
function isLarge (request: FastifyRequest): boolean {
  return request.headers['content-encoding'] !== undefined && announcedBytes(request) > AT_ONCE_BYTES
}

function typeOf ({ headers }: FastifyRequest): string {
  return JSON.stringify((headers['content-type'] ?? '').slice(0, 40))
}

function announcedBytes ({ headers }: FastifyRequest): number {
  return Number(headers['content-length'] ?? 0)
}

function fromJson (readJson: ReadOtlpJson, signal: Signal, body: Buffer): Uint8Array {
  if (hasTooManyValues(body)) throw new RefusedBody(413, `the body has more than ${VALUES_MAX} values: send fewer at a time, or protobuf`)
  try {
    return readJson(signal, body.toString())
  } catch (problem) {
    throw new MalformedMessage((problem as Error).message)
  }
}

/** Texts may have such characters too: it is an upper bound. */
function hasTooManyValues (json: Buffer): boolean {
  if (json.length <= VALUES_MAX) return false
  let values = 0
  for (let at = 0; at < json.length && values <= VALUES_MAX; at++) {
    const byte = json[at]
    if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values += 1
  }
  return values > VALUES_MAX
}
