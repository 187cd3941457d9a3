import { errorMonitor, type EventEmitter } from 'node:events'
import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { nanosecondsSince } from './clock.ts'
import { emitIn, isHeard, replaceEmit, type Emit } from './emit-in-context.ts'
import { finishRequest } from './finish-request.ts'
import { finishWithConnection } from './finish-with-connection.ts'
import { attachRecord, recordOf, type RequestRecord } from './request-record.ts'
import { watchStatusLine } from './watch-status-line.ts'

const SWITCHING_PROTOCOLS = 101

/**
 * Node emits the events of a request and of its response in the async context of their socket, which several requests
 * share. Both emitters get an `emit` that enters the request's own context first, so that listeners of body parsers,
 * streams and handlers see its span; the response's also notes how it ends. An own `emit` costs no listener, changes
 * no listener's order, and sees `timeout` without claiming it (a listener would keep Node from closing the socket).
 *
 * The functions are the same for all requests: each finds its record on the object it is called on.
 */
export function observeResponse (record: RequestRecord, reply: FastifyReply): void {
  const { raw } = record.request
  record.reply = reply
  // An application may hand a request to its own router a second time.
  if (recordOf(reply.raw) === record) return
  attachRecord(reply.raw, record)
  observeRequest(record)
  replaceEmit(reply.raw, emitOfResponse)
  noteFirstWrite(reply.raw, record)
  if (raw.headers.upgrade !== undefined && record.request.server.server.listenerCount('upgrade') > 0) watchSwitch(raw.socket, record)
  // HTTP/2 has none, HTTP/1 one that is destroyed, where all is over.
  if (reply.raw.socket == null || reply.raw.destroyed) finishWithConnection(record, raw.socket)
}

/** Makes what a request emits belong to it. */
export function observeRequest (record: RequestRecord): void {
  // A log line may have come first, and another plugin may have wrapped the `emit` since.
  if (record.requestIsObserved) return
  record.requestIsObserved = true
  replaceEmit(record.request.raw, emitOfRequest)
}

/** From the switch on, the socket is this request's alone: what it emits, a WebSocket's messages say, belongs to it. */
function watchSwitch (socket: Socket, record: RequestRecord): void {
  watchStatusLine(socket, status => {
    record.switchedStatus = status
    if (status !== SWITCHING_PROTOCOLS) return
    attachRecord(socket, record)
    replaceEmit(socket, emitOfSocket)
  })
}

const emitOfSocket: Emit = function emitOfSocket (event) {
  return isHeard(this, event) && emitIn(recordOf(this)?.context, this, arguments)
}

const emitOfRequest: Emit = function emitOfRequest (event) {
  const record = recordOf(this)
  // Fastify refuses some requests without a hook, and a hook of another plugin may never let one through.
  if (event === 'close' && record !== undefined && record.reply === undefined) finishRequest(record)
  return isHeard(this, event) && emitIn(record?.context, this, arguments)
}

const emitOfResponse: Emit = function emitOfResponse (event, value) {
  const record = recordOf(this)
  if (record !== undefined) noteEvent(event, value, record)
  return isHeard(this, event) && emitIn(record?.context, this, arguments)
}

function noteEvent (event: string | symbol, value: unknown, record: RequestRecord): void {
  switch (event) {
    case 'finish':
      // HTTP/2 says `finish` of a response that was cut off too.
      record.responseComplete = record.reply?.raw.writableEnded ?? false
      finishRequest(record)
      break
    case 'timeout': record.timedOut = true; break
    case 'pipe': (value as EventEmitter).once(errorMonitor, error => { record.error ??= error }); break
    // The client went away, or the reply was hijacked by an upgrade.
    case 'close': finishRequest(record); break
  }
}

/** A body that is written in chunks has a first one; a body in one piece is given to `end()`. */
function noteFirstWrite (response: ServerResponse, record: RequestRecord): void {
  record.writeBefore = response.write
  response.write = writeFirstChunk
  if (Object.getPrototypeOf(response) === ServerResponse.prototype) return
  // Other responses, of HTTP/2 or of `app.inject()`, write the body that `end()` is given.
  const { end } = response
  response.end = ((...args: Parameters<typeof end>) => {
    record.ending = true
    return end.apply(response, args)
  }) as typeof end
}

type Write = ServerResponse['write']

const writeFirstChunk = function writeFirstChunk (this: ServerResponse): boolean {
  const record = recordOf(this) as RequestRecord
  const write = record.writeBefore as Write
  if (!record.ending) record.firstByteAfter ??= nanosecondsSince(record.start)
  // Another plugin may have wrapped this function since.
  if (this.write === writeFirstChunk) this.write = write
  return write.apply(this, arguments as unknown as Parameters<Write>)
} as Write
