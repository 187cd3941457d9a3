import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Signal } from '../../export/parcel.ts'
import { ProtobufWriter } from '../../otlp/protobuf-writer.ts'
import { beginMessage, writeNumber, writeText } from '../../otlp/write-fields.ts'
import type { Rejections } from './rejections.ts'

/** How a request, and so its answer, is encoded. */
export type Encoding = 'protobuf' | 'json'

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' }

const REJECTED: Readonly<Record<Signal, string>> = { traces: 'rejectedSpans', metrics: 'rejectedDataPoints', logs: 'rejectedLogRecords' }

/** `google.rpc.Code` of the statuses that are answered here. */
const RPC_CODES: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 408: 4, 413: 11, 415: 3, 429: 8, 500: 13, 503: 14 }
const UNKNOWN = 2

// partial_success is field 1 of each response; in it are the count, field 1, and the message, field 2. In Status, code is 1 and message 2.
const MESSAGE_1 = 0x0a
const NUMBER_1 = 0x08
const TEXT_2 = 0x12

/** `ExportTraceServiceResponse`, or that of another signal. Where all was taken, it is empty. */
export function exportResponse (signal: Signal, encoding: Encoding, rejections: Rejections): Buffer {
  const { count, message } = rejections
  if (encoding === 'json') {
    return Buffer.from(JSON.stringify(count === 0 ? {} : { partialSuccess: { [REJECTED[signal]]: String(count), errorMessage: message } }))
  }
  const writer = new ProtobufWriter(64)
  if (count > 0) {
    const start = beginMessage(writer, MESSAGE_1)
    writeNumber(writer, NUMBER_1, count)
    writeText(writer, TEXT_2, message)
    writer.finish(start)
  }
  return Buffer.from(writer.written)
}

/** `google.rpc.Status`, which OTLP asks for with every error. */
export function errorStatus (httpStatus: number, encoding: Encoding, message: string): Buffer {
  const code = RPC_CODES[httpStatus] ?? UNKNOWN
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }))
  const writer = new ProtobufWriter(64)
  writeNumber(writer, NUMBER_1, code)
  writeText(writer, TEXT_2, message)
  return Buffer.from(writer.written)
}

/** How a request is encoded; in protobuf where it does not say. */
export function encodingOf ({ headers }: Pick<FastifyRequest, 'headers'>): Encoding {
  return (headers['content-type'] ?? '').trim().toLowerCase().startsWith('application/json') ? 'json' : 'protobuf'
}

/** Answers a request with an error, in its own encoding. */
export function sendStatus (httpStatus: number, message: string, request: FastifyRequest, reply: FastifyReply): void {
  const encoding = encodingOf(request)
  void reply.code(httpStatus).type(CONTENT_TYPES[encoding]).send(errorStatus(httpStatus, encoding, message))
}
