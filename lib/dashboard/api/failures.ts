import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Failure } from './answer.ts'

/** ClickHouse's numbers for a statement that took too long, too much memory, or gave too much. */
const TOO_MUCH: ReadonlySet<number> = new Set([159, 160, 241, 396])

interface Problem extends Error {
  readonly code?: string
  readonly statusCode?: number
  readonly clickhouseCode?: number | undefined
}

/** Says what failed: 4xx where it was the question, 503 where the store did not answer. */
export function answerFailure (problem: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code = 'UNEXPECTED', name, message, statusCode, clickhouseCode } = problem as Problem
  const status = code === 'LETTA_OTEL_STORE_STATEMENT_FAILED' ? statusOfStatement(clickhouseCode) : statusCode ?? 500
  if (status === 500) reply.log.error(problem, 'the page asked something and it failed')
  const failure: Failure = { statusCode: status, code, error: name, message }
  return reply.code(status).header('cache-control', 'no-store').send(failure)
}

function statusOfStatement (clickhouseCode: number | undefined): number {
  if (clickhouseCode === undefined) return 503
  return TOO_MUCH.has(clickhouseCode) ? 413 : 400
}
