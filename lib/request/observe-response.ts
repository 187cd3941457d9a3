import { context } from '@opentelemetry/api'
import { EventEmitter } from 'node:events'
import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { nanosecondsSince } from './clock.ts'
import { finishRequest } from './finish-request.ts'
import { attachRecord, type RequestRecord } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'
import { watchStatusLine } from './watch-status-line.ts'

type Emit = (this: EventEmitter, event: string | symbol, ...values: unknown[]) => boolean
const SWITCHING_PROTOCOLS = 101
const plainEmit: Emit = EventEmitter.prototype.emit

/**
 * Node emits the events of a request and of its response in the async context of their socket, which several requests
 * share. Both emitters get an `emit` that enters the request's own context first, so that listeners of body parsers,
 * streams and handlers see its span; the response's also notes how it ends. An own `emit` costs no listener, changes
 * no listener's order, and sees `timeout` without claiming it (a listener would keep Node from closing the socket).
 */
export function observeResponse (record: RequestRecord, request: FastifyRequest, reply: FastifyReply, settings: RequestSettings): void {
  const response = reply.raw
  record.reply = reply
  attachRecord(response, record)
  observeEmit(request.raw, emit => emitInContext(record, emit))
  observeEmit(response, emit => {
    const emitAfter = emitInContext(record, emit)
    return function emitAndNote (event, ...values) {
      noteEvent(event, record, settings)
      return emitAfter.call(this, event, ...values)
    }
  })
  noteFirstWrite(response, record)
  if (request.raw.headers.upgrade !== undefined) watchSwitch(request.raw.socket, record)
}

/** From the switch on, the socket is this request's alone: what it emits, a WebSocket's messages say, belongs to it. */
function watchSwitch (socket: Socket, record: RequestRecord): void {
  watchStatusLine(socket, status => {
    record.switchedStatus = status
    if (status === SWITCHING_PROTOCOLS) observeEmit(socket, emit => emitInContext(record, emit))
  })
}

function observeEmit (emitter: EventEmitter, wrap: (emit: Emit) => Emit): void {
  emitter.emit = wrap(emitter.emit)
}

function emitInContext (record: RequestRecord, emit: Emit): Emit {
  return function emitInRequestContext (event, ...values) {
    // Most events of a request have no listener, and need no context then. An `emit` that another plugin put in is
    // always asked, and an error without a listener has to be thrown.
    if (emit === plainEmit && event !== 'error' && this.listenerCount(event) === 0) return false
    return context.with(record.context, callEmit, undefined, emit, this, event, values)
  }
}

function callEmit (emit: Emit, emitter: EventEmitter, event: string | symbol, values: unknown[]): boolean {
  return emit.call(emitter, event, ...values)
}

function noteEvent (event: string | symbol, record: RequestRecord, settings: RequestSettings): void {
  switch (event) {
    // HTTP/2 says `finish` of a response that was cut off too.
    case 'finish': record.responseComplete = record.reply?.raw.writableEnded ?? false; break
    case 'timeout': record.timedOut = true; break
    // Fastify's onResponse hook has finished the request by now, unless it never runs: the client went away, or the
    // reply was hijacked by an upgrade.
    case 'close': finishRequest(record, settings); break
  }
}

/** A body that is written in chunks has a first one; a body in one piece is given to `end()`. */
function noteFirstWrite (response: ServerResponse, record: RequestRecord): void {
  const { write, end } = response
  let ending = false
  const writeFirstChunk = ((...args: Parameters<typeof write>) => {
    if (!ending) record.firstByteAfter ??= nanosecondsSince(record.start)
    // Another plugin may have wrapped this function since.
    if (response.write === writeFirstChunk) response.write = write
    return write.apply(response, args)
  }) as typeof write
  response.write = writeFirstChunk
  if (Object.getPrototypeOf(response) === ServerResponse.prototype) return
  // Other responses, of HTTP/2 or of `app.inject()`, write the body that `end()` is given.
  response.end = ((...args: Parameters<typeof end>) => {
    ending = true
    return end.apply(response, args)
  }) as typeof end
}
