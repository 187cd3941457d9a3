import type { FastifyInstance } from 'fastify'

/**
 * A set-up that is measured. Importing its module does what its documents do before the application loads: Fastify is
 * imported after it.
 */
export interface BenchServer {
  /** Adds it to the application, before the routes. */
  register? (app: FastifyInstance): Promise<void>
  /** After the application closed: sends what is waiting. */
  close? (): Promise<void>
  /** Spans that it says it handed to the sink, and that it says it lost. */
  account? (app: FastifyInstance): SpanAccount
}

export interface SpanAccount {
  readonly exported: number
  readonly failed: number
}
