import type { FastifyInstance } from 'fastify'
import { monitorPool } from 'letta-otel'
import type { Pool } from 'pg'
import { DATABASE_AWAY } from './errors.ts'

/** Milliseconds that a connection may take: whoever asks whether the server is ready does not wait for long. */
const CONNECT_MAX_MS = 2_000

/**
 * A pool of PostgreSQL. Queries of `pg` are traced where it is loaded before letta-otel is registered, and it is loaded only
 * where there is a database.
 */
export async function openDatabase (connectionString: string): Promise<Pool> {
  const { default: pg } = await import('pg')
  return new pg.Pool({ connectionString, connectionTimeoutMillis: CONNECT_MAX_MS })
}

/** Measures the pool, and answers whether the database does. */
export async function databaseRoutes (app: FastifyInstance, { pool }: { pool: Pool }): Promise<void> {
  // A connection that breaks while nobody uses it would end the process.
  pool.on('error', err => { app.log.warn({ err }, 'the database closed a connection') })
  const stop = monitorPool(pool, { name: 'main' })
  app.addHook('onClose', async () => {
    stop()
    await pool.end()
  })

  app.get('/v1/ready', async request => {
    try {
      await pool.query('SELECT 1')
    } catch (err) {
      request.log.error({ err }, 'the database does not answer')
      throw new DATABASE_AWAY()
    }
    return { status: 'ready' }
  })
}
