import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sendFailure } from '../send-failure.ts'
import type { Guard } from './guard.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

/** Has every request looked at by the guard, before anything of it is read. */
export function guardRequests (app: FastifyInstance, guard: Guard): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS)
    const refusal = guard.check(request.headers, isPage(request))
    if (refusal === undefined) return
    const { status, message } = refusal
    // Browsers ask for the password then.
    if (status === 401) void reply.header('WWW-Authenticate', 'Basic realm="letta-otel", charset="UTF-8"')
    sendFailure(status, message, request, reply.header('Connection', 'close'))
    await reply
  })
  app.setNotFoundHandler((request, reply) => {
    sendFailure(404, `there is nothing at ${request.method} ${request.url.slice(0, 100)}: telemetry goes to POST /v1/traces, /v1/metrics and /v1/logs, the page is at /, what its API answers is listed at GET /api/queries`, request, reply)
  })
}

/** By the route that was found: however an address is written, it is one of these. */
function isPage ({ method, routeOptions: { url = '' } }: FastifyRequest): boolean {
  return method === 'GET' && !/^\/(?:api|v1)\//.test(url)
}
