import type { Context } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RequestHooks } from './hooks.ts'

/**
 * Finds the request in a log line such as Fastify's `incoming request`, which is written as `{ req: request }` before
 * any hook runs, and opens its span. A logger may serve several applications: only requests of `app` count.
 */
export function contextOfLine (app: FastifyInstance, begin: RequestHooks['beginForLine']): (mergeObject: object) => Context | undefined {
  return mergeObject => {
    const { req } = mergeObject as { req?: Partial<FastifyRequest> | null }
    if (req?.raw === undefined || req.server === undefined) return undefined
    if (req.server !== app && !Object.prototype.isPrototypeOf.call(app, req.server)) return undefined
    return begin(req as FastifyRequest)?.context
  }
}
