import { context, type Context } from '@opentelemetry/api'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

type FrameworkErrors = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => unknown

/** The part of Fastify's own options that it asks each time it can route a request nowhere. */
interface OwnOptions {
  frameworkErrors?: FrameworkErrors | null | undefined
}

/** What Fastify calls the symbol under which an application has its options. */
const OPTIONS = 'fastify.options'

/**
 * Lets `begin` see each request that Fastify refuses because of its URL: it runs no hook for these, and makes a request object
 * only where its option `frameworkErrors` is given. One that the application gave still answers; without one, the answer
 * is Fastify's. In a version of Fastify that keeps its options elsewhere nothing is seen.
 *
 * @param begin gives the context of the request, where it has one
 */
export function observeFrameworkErrors (app: object, begin: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => Context | undefined): void {
  const options = ownOptions(app)
  if (options === undefined) return
  const given = options.frameworkErrors
  options.frameworkErrors = (error, request, reply) => {
    const requestContext = begin(error, request, reply)
    const answer = (): unknown => typeof given === 'function' ? given.call(options, error, request, reply) : answerAsFastify(error, reply)
    return requestContext === undefined ? answer() : context.with(requestContext, answer)
  }
}

/** An application that a plugin was given may be a child of the one that has them. */
function ownOptions (app: object): OwnOptions | undefined {
  for (let at: object | null = app; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const symbol = Object.getOwnPropertySymbols(at).find(({ description }) => description === OPTIONS)
    const options: unknown = symbol === undefined ? undefined : (at as Record<symbol, unknown>)[symbol]
    if (typeof options === 'object' && options !== null) return options
  }
  return undefined
}

/** Past the reply, as Fastify does it: no hook of the application's runs. */
function answerAsFastify ({ code, message, statusCode = 500 }: FastifyError, { raw }: FastifyReply): void {
  const body = JSON.stringify(statusCode < 500
    ? { error: 'Bad Request', code, message, statusCode }
    : { error: 'Internal Server Error', message, statusCode })
  raw.writeHead(statusCode, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  raw.end(body)
}
