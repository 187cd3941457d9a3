import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SIGNALS, type Signal } from '../../export/parcel.ts'
import { loadReadOtlpJson, type ReadOtlpJson } from '../../export/read-otlp-json.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { CONTENT_TYPES, errorStatus, exportResponse, type Encoding } from './otlp-answers.ts'
import { MalformedMessage } from './protobuf-reader.ts'
import { decompress, RefusedBody } from './read-body.ts'

export interface OtlpLimits {
  /** Bytes of a body as it is sent. @default 20_971_520 (20 MiB), as the Collector */
  readonly maxBodyBytes?: number | undefined
  /** Bytes of a body without its compression. @default 67_108_864 (64 MiB) */
  readonly maxDecompressedBytes?: number | undefined
  /** Bytes of bodies that are read at the same time. @default 134_217_728 (128 MiB) */
  readonly maxReadingBytes?: number | undefined
}

const MEBIBYTE = 1024 * 1024
/** Of JSON: an object takes hundreds of bytes of memory, also where it is written in three. */
const VALUES_MAX = 2_000_000
/** Seconds after which the engine has caught up, as a rule. */
const RETRY_AFTER = '1'

/** OTLP/HTTP: `POST /v1/traces`, `/v1/metrics` and `/v1/logs`. */
export async function otlpRoutes (app: FastifyInstance, { ingest, limits = {} }: { ingest: Ingest, limits?: OtlpLimits | undefined }): Promise<void> {
  const { maxBodyBytes = 20 * MEBIBYTE, maxDecompressedBytes = 64 * MEBIBYTE, maxReadingBytes = 128 * MEBIBYTE } = limits
  const readJson = await loadReadOtlpJson()
  let readingBytes = 0

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/x-protobuf', 'application/json'], { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) => { done(null, body) })

  app.addHook('onRequest', async (request, reply) => {
    const bytes = Number(request.headers['content-length'] ?? MEBIBYTE)
    if (ingest.isBehind || (readingBytes > 0 && readingBytes + bytes > maxReadingBytes)) {
      ingest.refused(SIGNALS.find(signal => request.url.startsWith(`/v1/${signal}`)) ?? 'traces')
      // The body is not read: it would take the memory that there is none of.
      await reply.header('Retry-After', RETRY_AFTER).header('Connection', 'close')
        .code(429).type(CONTENT_TYPES[encodingOf(request)]).send(errorStatus(429, encodingOf(request), 'too much waits to be stored'))
      return
    }
    readingBytes += bytes
    reply.raw.once('close', () => { readingBytes -= bytes })
  })

  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error.statusCode === 429) {
      ingest.refused(SIGNALS.find(signal => request.url.startsWith(`/v1/${signal}`)) ?? 'traces')
      void reply.header('Retry-After', RETRY_AFTER)
    }
    sendError(error instanceof RefusedBody ? error.status : error.statusCode ?? 500, error.message, request, reply)
  })

  for (const signal of SIGNALS) {
    app.post(`/v1/${signal}`, async (request, reply) => {
      const encoding = encodingOf(request)
      const given = request.body instanceof Buffer ? request.body : Buffer.alloc(0)
      const body = await decompress(given, request.headers['content-encoding'], maxDecompressedBytes)
      const rejections = ingest.accept(signal, encoding === 'json' ? fromJson(readJson, signal, body) : body)
      return await reply.type(CONTENT_TYPES[encoding]).send(exportResponse(signal, encoding, rejections))
    })
    app.route({
      method: ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'],
      url: `/v1/${signal}`,
      handler: (request, reply) => { sendError(405, `send ${signal} with POST`, request, reply.header('Allow', 'POST')) }
    })
  }
}

function encodingOf (request: FastifyRequest): Encoding {
  return (request.headers['content-type'] ?? '').trim().toLowerCase().startsWith('application/json') ? 'json' : 'protobuf'
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

function sendError (status: number, message: string, request: FastifyRequest, reply: FastifyReply): void {
  const encoding = encodingOf(request)
  void reply.code(status).type(CONTENT_TYPES[encoding]).send(errorStatus(status, encoding, message))
}
