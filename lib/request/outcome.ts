import type { FastifyReply } from 'fastify'
import type { RequestOptions } from '../options.ts'
import {
  ERROR_TYPE_CLIENT_DISCONNECTED, ERROR_TYPE_CONNECTION_CLOSED, ERROR_TYPE_TIMEOUT
} from '../vocabulary/attributes.ts'
import { errorTypeOf } from './error-type.ts'
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
  const { reply, error, switchedStatus } = record
  const response = reply?.raw
  const statusCode = response?.headersSent === true ? response.statusCode : switchedStatus
  if (!isComplete(record)) return { statusCode: waitedInVain(record) ? undefined : statusCode, errorType: interruption(record), exception: error }
  if (!judge(isError, error, reply, statusCode)) return { statusCode, errorType: undefined, exception: undefined }
  return { statusCode, errorType: error === undefined ? String(statusCode) : errorTypeOf(error), exception: error }
}

/**
 * A handshake's answer is written past the response object, which has sent nothing then. Where no hook saw the reply
 * (Fastify refused the request itself), only the request can tell.
 */
function isComplete ({ responseComplete, switchedStatus, reply, request }: RequestRecord): boolean {
  if (reply === undefined) return request.raw.errored == null
  return responseComplete || (switchedStatus !== undefined && !reply.raw.headersSent)
}

/** Whether what was answered lasts as long as someone listens: an event stream, or another protocol altogether. */
export function isStream (record: RequestRecord): boolean {
  return record.switchedStatus === SWITCHING_PROTOCOLS || isEventStream(record.reply)
}

export function isEventStream (reply: FastifyReply | undefined): boolean {
  if (reply === undefined) return false
  const type = reply.getHeader('content-type')
  if (typeof type === 'string') return type.startsWith(EVENT_STREAM)
  // Headers given to `reply.raw.writeHead()` alone are kept nowhere but in the text that was sent.
  const { _header: sent } = reply.raw as { _header?: unknown }
  return typeof sent === 'string' && sent.includes(`: ${EVENT_STREAM}`)
}

/**
 * Whether the connection closed while the response waited behind another on it. Nothing of it was sent, whatever was written to
 * it, and the error that Node 24 gives it says no more than that.
 */
function waitedInVain ({ reply, request }: RequestRecord): boolean {
  const response = reply?.raw
  if (response?.socket !== null || !request.raw.socket?.destroyed) return false
  return response.errored == null || (response.errored as NodeJS.ErrnoException).code === 'ECONNRESET'
}

/** Who ended a request before its response was complete. */
function interruption (record: RequestRecord): string {
  const { request, error, timedOut, reply } = record
  if (error !== undefined) return errorTypeOf(error)
  if (reply?.raw.errored != null && !waitedInVain(record)) return errorTypeOf(reply.raw.errored)
  if (timedOut) return ERROR_TYPE_TIMEOUT
  // HTTP/2 tells by the stream that its client reset it; its socket is shared.
  const { stream } = request.raw as typeof request.raw & { stream?: { aborted?: boolean } }
  if (stream?.aborted !== undefined) return stream.aborted ? ERROR_TYPE_CLIENT_DISCONNECTED : ERROR_TYPE_CONNECTION_CLOSED
  return closedSocket(request.raw.socket)
}

/** The client ended its side or reset the connection, or the server refused what it read. */
function closedSocket (socket: RequestRecord['request']['raw']['socket'] | null): string {
  const { code } = (socket?.errored ?? {}) as { code?: unknown }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ERROR_TYPE_TIMEOUT
  // What Node's parser calls its errors.
  if (typeof code === 'string' && code.startsWith('HPE_')) return code
  return socket == null || socket.readableEnded || socket.errored != null ? ERROR_TYPE_CLIENT_DISCONNECTED : ERROR_TYPE_CONNECTION_CLOSED
}

/** A function of the user's that throws leaves the decision to the status. */
function judge (isError: RequestOptions['isError'], error: unknown, reply: FastifyReply | undefined, statusCode: number | undefined): boolean {
  if (isError !== undefined && reply !== undefined) {
    try {
      const answer: unknown = isError(error, reply)
      if (typeof answer === 'boolean') return answer
      if (answer instanceof Promise) answer.catch(() => {})
    } catch {}
  }
  return statusCode !== undefined && statusCode >= 500
}
