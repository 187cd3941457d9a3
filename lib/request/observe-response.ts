import { context } from '@opentelemetry/api'
import type { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { nanosecondsSince } from './clock.ts'
import { finishRequest } from './finish-request.ts'
import { attachRecord, type RequestRecord } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'

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
  emitInContext(request.raw, record)
  emitInContext(response, record, event => noteEvent(event, record, settings))
  noteFirstWrite(response, record)
}

function emitInContext (emitter: EventEmitter, record: RequestRecord, before?: (event: string | symbol) => void): void {
  const emit = emitter.emit
  emitter.emit = function emitInRequestContext (...args: [event: string | symbol, ...values: unknown[]]) {
    before?.(args[0])
    return context.with(record.context, emit, this, ...args)
  }
}

function noteEvent (event: string | symbol, record: RequestRecord, settings: RequestSettings): void {
  switch (event) {
    case 'finish': record.responseComplete = true; break
    case 'timeout': record.timedOut = true; break
    // Fastify's onResponse hook has finished the request by now, unless it never runs: the client went away, or the
    // application runs without onResponse because the reply was hijacked by an upgrade.
    case 'close': finishRequest(record, settings); break
  }
}

/** A body that is written in chunks has a first one; a body in one piece is given to `end()`. */
function noteFirstWrite (response: ServerResponse, record: RequestRecord): void {
  const write = response.write
  response.write = function writeFirstChunk (this: ServerResponse, ...args: Parameters<ServerResponse['write']>) {
    record.firstByteAfter ??= nanosecondsSince(record.start)
    if (response.write === writeFirstChunk) response.write = write
    return write.apply(this, args)
  } as ServerResponse['write']
}
