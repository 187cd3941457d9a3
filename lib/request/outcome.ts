import type { FastifyReply } from 'fastify'
import type { RequestOptions } from '../options.ts'
import {
  ERROR_TYPE_CLIENT_DISCONNECTED, ERROR_TYPE_CONNECTION_CLOSED, ERROR_TYPE_TIMEOUT
} from '../vocabulary/attributes.ts'
import type { RequestRecord } from './request-record.ts'

/** How a request ended, said once for span and metrics alike. */
export interface Outcome {
  /** The status that was sent; undefined when the connection closed before one was. */
  readonly statusCode: number | undefined
  /** `error.type` of an error, of low cardinality; undefined when all went well. */
  readonly errorType: string | undefined
  /** What to record as an exception. */
  readonly exception: unknown
}

const SWITCHING_PROTOCOLS = 101
const EVENT_STREAM = 'text/event-stream'

/** Decides from what stands when a request is finished; the last word is the status that was sent. */
export function outcomeOf (record: RequestRecord, isError: RequestOptions['isError']): Outcome {
  const { reply, error } = record
  const response = reply?.raw
  const upgraded = isUpgraded(record)
  const statusCode = upgraded ? SWITCHING_PROTOCOLS : response?.headersSent === true ? response.statusCode : undefined
  if (!record.responseComplete && !upgraded) {
    return { statusCode, errorType: interruption(record), exception: error }
  }
  if (!judge(isError, error, reply, statusCode)) return { statusCode, errorType: undefined, exception: undefined }
  return { statusCode, errorType: error === undefined ? String(statusCode) : errorTypeOf(error), exception: error }
}

/** Whether what was answered lasts as long as someone listens: an event stream, or another protocol altogether. */
export function isStream (record: RequestRecord): boolean {
  return isUpgraded(record) || isEventStream(record.reply)
}

/** A handshake's answer is written to the socket itself, past the response object. */
function isUpgraded ({ request, reply }: RequestRecord): boolean {
  return request.raw.headers.upgrade !== undefined && reply?.sent === true && !reply.raw.headersSent
}

function isEventStream (reply: FastifyReply | undefined): boolean {
  if (reply === undefined) return false
  const type = reply.getHeader('content-type')
  if (typeof type === 'string') return type.startsWith(EVENT_STREAM)
  // Headers given to `reply.raw.writeHead()` alone are kept nowhere but in the text that was sent.
  const { _header: sent } = reply.raw as { _header?: unknown }
  return typeof sent === 'string' && sent.includes(`: ${EVENT_STREAM}`)
}

/** Who ended a request before its response was complete. */
function interruption ({ request, error, timedOut, reply }: RequestRecord): string {
  if (error !== undefined) return errorTypeOf(error)
  if (reply?.raw.errored != null) return errorTypeOf(reply.raw.errored)
  if (timedOut) return ERROR_TYPE_TIMEOUT
  return closedByClient(request.raw) ? ERROR_TYPE_CLIENT_DISCONNECTED : ERROR_TYPE_CONNECTION_CLOSED
}

type RawRequest = RequestRecord['request']['raw']

/** The client ended its side or reset the connection; HTTP/2 tells by the stream's reset code, CANCEL mostly. */
function closedByClient (raw: RawRequest): boolean {
  const { stream } = raw as RawRequest & { stream?: { aborted?: boolean } }
  if (stream?.aborted !== undefined) return stream.aborted
  const { socket } = raw
  return socket == null || socket.readableEnded || socket.errored != null
}

/** A function of the user's that throws leaves the decision to the status. */
function judge (isError: RequestOptions['isError'], error: unknown, reply: FastifyReply | undefined, statusCode: number | undefined): boolean {
  if (isError !== undefined && reply !== undefined) {
    try {
      return isError(error, reply)
    } catch {}
  }
  return statusCode !== undefined && statusCode >= 500
}

/** The code of one of Fastify's own errors (they share a class), else the class of what was thrown. */
export function errorTypeOf (error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as { code?: unknown }
  if (error.name === 'FastifyError' && typeof code === 'string') return code
  return error.name === 'Error' ? error.constructor.name : error.name
}
