import type { FastifyInstance } from 'fastify'

/** What an application does, and what is asked of it. It is the same for every case. */
export interface Workload {
  readonly name: string
  /** One line of the report. */
  readonly title: string
  /** Whether pino writes a request's two lines, as JSON to the standard output, which the benchmark points at a file. */
  readonly logger: boolean
  routes (app: FastifyInstance): void
  /** Sent one after the other, and again from the first. */
  readonly requests: readonly BenchRequest[]
}

export interface BenchRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** What has to come back. */
  readonly status: number
}
