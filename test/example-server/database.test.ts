/** The example beside a database, which it does not need. */
import Fastify, { type FastifyInstance } from 'fastify'
import lettaOtel from 'letta-otel'
import { finishedSpans, metrics, reset } from 'letta-otel/testing'
import t, { type Test } from 'tap'
import { databaseRoutes, openDatabase } from '../../example-server/server/database.ts'
import { closedPort } from '../agent/model-provider.ts'
import { reasonWithoutPostgres, startPostgres } from '../database/postgres-server.ts'
import { useEnvironment } from '../fixtures/environment.ts'

useEnvironment({ NODE_ENV: 'test' })

async function start (t: Test, url: string): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  const pool = await openDatabase(url)
  await app.register(lettaOtel)
  await app.register(databaseRoutes, { pool })
  await reset()
  return app
}

t.test('a database that answers: its pool is measured, its queries are in the trace', { skip: reasonWithoutPostgres() ?? false }, async t => {
  const server = await startPostgres()
  t.teardown(async () => { await server.stop() })
  const { user, host, port, database } = server.connection
  const app = await start(t, `postgres://${user}@${host}:${port}/${database}`)
  const answer = await app.inject('/v1/ready')
  t.strictSame([answer.statusCode, answer.json()], [200, { status: 'ready' }])
  const request = finishedSpans().find(({ name }) => name === 'GET /v1/ready')
  t.ok(finishedSpans().some(({ name, traceId }) => name.startsWith('pg.query') && traceId === request!.traceId))
  const measured = (await metrics()).find(({ name }) => name === 'hist_db_pool_connection_duration_ms')
  t.match(measured?.points, [{ count: 1, attributes: { engine_name: 'main' } }])
})

t.test('one that does not', async t => {
  const app = await start(t, (await closedPort()).replace('http://', 'postgres://nobody:S3CR3T@'))
  const answer = await app.inject('/v1/ready')
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { code: 'DATABASE_AWAY' })
  t.notMatch(answer.body, /S3CR3T/)
})
