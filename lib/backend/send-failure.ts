import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Failure } from '../dashboard/api/answer.ts'
import { sendStatus } from './otlp/otlp-answers.ts'

/** Under the names that OTLP's statuses have too. */
const CODES = { 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND' } as const

/** Answers with an error in the form in which the address has all others: of OTLP, or of the page's API. */
export function sendFailure (statusCode: keyof typeof CODES, message: string, request: FastifyRequest, reply: FastifyReply): void {
  if (/^\/v1(?:\/|$)/.test(request.routeOptions.url ?? request.url)) {
    sendStatus(statusCode, message, request, reply)
    return
  }
  const failure: Failure = { statusCode, code: CODES[statusCode], error: STATUS_CODES[statusCode]!, message }
  void reply.code(statusCode).header('cache-control', 'no-store').send(failure)
}
