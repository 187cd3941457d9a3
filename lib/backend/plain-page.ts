import type { FastifyInstance } from 'fastify'
import { tableStatus } from '../store/table-status.ts'
import type { BackendStore } from './open-backend-store.ts'

/** What is served at `/`: which tables there are, and what is in them. */
export async function plainPage (app: FastifyInstance, { store }: { store: BackendStore }): Promise<void> {
  app.get('/', async (_request, reply) => {
    const tables = await tableStatus(store.engine)
    const lines = tables.map(({ table, rows, bytes }) => `${table.padEnd(40)} ${String(rows).padStart(12)} rows ${String(bytes).padStart(14)} bytes`)
    return await reply.type('text/plain; charset=utf-8').send(`letta-otel\n\nPOST /v1/traces /v1/metrics /v1/logs   OTLP, protobuf or JSON\n\n${lines.join('\n')}\n`)
  })
}
