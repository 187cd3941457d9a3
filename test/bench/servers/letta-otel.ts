import type { FastifyInstance } from 'fastify'
import lettaOtel, { type LettaOtelOptions } from '../../../dist/index.js'
import type { BenchServer } from './bench-server.ts'

/** letta-otel as the README registers it, from the files that the package ships. The endpoint is in the environment. */
export function lettaOtelServer (options: LettaOtelOptions): BenchServer {
  return {
    register: async app => { await app.register(lettaOtel, { serviceName: 'bench', ...options }) },
    account: (app: FastifyInstance) => {
      const { exported, failed } = app.telemetry.stats().spans
      return { exported, failed }
    }
  }
}
