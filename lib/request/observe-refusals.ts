import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { refused } from './refused-request.ts'
import { recordOf } from './request-record.ts'

/** Begins a request that no hook will see, before it is answered or while its answer leaves. */
export type OnRefusal = (request: FastifyRequest, reply: FastifyReply) => void

const EXPECTATION_FAILED = 417
const SERVICE_UNAVAILABLE = 503

/**
 * Sees requests that Node refuses for what they expect. Without a listener it answers them by itself and tells nobody; an
 * application that has a listener of its own answers as it likes, and is not disturbed.
 */
export function observeExpectations (app: FastifyInstance, onRefusal: OnRefusal): void {
  const { server } = app
  server.on('checkExpectation', (rawRequest: IncomingMessage, rawResponse: ServerResponse) => {
    if (server.listenerCount('checkExpectation') > 1) return
    const { request, reply } = refused(app, rawRequest, rawResponse)
    onRefusal(request, reply)
    rawResponse.writeHead(EXPECTATION_FAILED)
    rawResponse.end()
  })
}

/** Sees requests that Fastify refuses from now on because it is closing. Before that nothing listens: it would cost every request. */
export function observeClosing (app: FastifyInstance, onRefusal: OnRefusal): void {
  app.server.on('request', (rawRequest: IncomingMessage, rawResponse: ServerResponse) => {
    // Fastify's own listener came first: what it serves has begun, and what it refuses is answered.
    if (recordOf(rawRequest) !== undefined || !rawResponse.writableEnded || rawResponse.statusCode !== SERVICE_UNAVAILABLE) return
    const { request, reply } = refused(app, rawRequest, rawResponse)
    onRefusal(request, reply)
  })
}
