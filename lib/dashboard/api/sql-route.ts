import type { FastifyInstance } from 'fastify'
import { LETTA_OTEL_SQL_REFUSED } from '../../errors.ts'
import type { DashboardOptions } from '../options.ts'
import type { Answer } from './answer.ts'
import { clientGone } from './client-gone.ts'
import { readableStatement } from './readable-statement.ts'
import { ANSWER_SCHEMA, SQL_BODY_SCHEMA } from './schemas.ts'

const MAXIMUM_ROWS = 1_000

/** The engine holds to these, whatever a statement says: with `readonly`, no setting can be changed by it either. */
const READ_ONLY = {
  readonly: 1,
  max_execution_time: 10,
  max_result_bytes: 16 * 1024 * 1024,
  max_result_rows: MAXIMUM_ROWS,
  result_overflow_mode: 'break',
  max_memory_usage: 1024 * 1024 * 1024,
  output_format_json_quote_denormals: 1
}

/** `POST /api/sql` with `{ sql }`: any statement that reads, of at most 1,000 rows, 16 MiB and 10 seconds. */
export function sqlRoute (app: FastifyInstance, { store, scope = 'all-organizations' }: DashboardOptions): void {
  app.post<{ Body: { sql: string } }>('/sql', { schema: { body: SQL_BODY_SCHEMA, response: { 200: ANSWER_SCHEMA } } }, async (request, reply): Promise<Answer> => {
    if (scope !== 'all-organizations') throw new LETTA_OTEL_SQL_REFUSED('it could read the rows of any organization', 'ask one of the named queries')
    const signal = clientGone(reply)
    const started = performance.now()
    const { sql } = request.body
    const statement = await readableStatement(store.engine, sql, signal)
    const rows = await store.engine.query<Record<string, unknown>>(statement, {}, { signal, settings: READ_ONLY })
    const names = rows[0] === undefined ? await columnNames(store.engine, statement, signal) : Object.keys(rows[0])
    void reply.header('cache-control', 'no-store')
    return {
      rows: rows.slice(0, MAXIMUM_ROWS),
      columns: Object.fromEntries(names.map(name => [name, 'text'])),
      // What overflows comes in whole blocks.
      truncated: rows.length >= MAXIMUM_ROWS,
      elapsed_ms: performance.now() - started,
      authorized: request.headers.authorization !== undefined,
      query: { name: 'sql', title: 'SQL', sql, parameters: {} }
    }
  })
}

/** Rows name their columns; where there are none, the engine is asked. Of what is no SELECT it cannot tell. */
async function columnNames (engine: DashboardOptions['store']['engine'], statement: string, signal: AbortSignal): Promise<string[]> {
  if (!statement.startsWith('SELECT')) return []
  const columns = await engine.query<{ name: string }>(`DESCRIBE TABLE (${statement})`, {}, { signal, settings: READ_ONLY })
  return columns.map(({ name }) => name)
}
