import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { noteError } from './hooks.ts'
import { recordOf } from './request-record.ts'

/** Answers an error as a Letta server does: `{ detail, trace_id }`. It logs as Fastify's own handler would. */
export function replyWithTraceId (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  noteError(request, error)
  const statusCode = errorStatus(error, reply)
  if (statusCode < 500) reply.log.info({ res: reply, err: error }, error.message)
  else reply.log.error({ req: request, res: reply, err: error }, error.message)
  reply.code(statusCode).send({ detail: error.message, trace_id: recordOf(request.raw)?.traceId })
}

/** Fastify's rule: the error's own status, else one that the handler set, else 500. */
function errorStatus ({ statusCode }: FastifyError, reply: FastifyReply): number {
  if (statusCode !== undefined && statusCode >= 400) return statusCode
  return reply.statusCode >= 400 ? reply.statusCode : 500
}
