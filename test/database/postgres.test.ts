/** Against a real server: what a pool and its queries are seen to do. */
import { trace } from '@opentelemetry/api'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { once } from 'node:events'
import pg from 'pg'
import t, { type Test } from 'tap'
import { monitorPool } from '../../lib/database/monitor-pool.ts'
import type { CollectedMetric, FinishedSpan } from '../../lib/runtime/memory-destination.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import type { LettaOtelOptions } from '../../lib/options.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { reasonWithoutPostgres, startPostgres, type PostgresServer } from './postgres-server.ts'

useEnvironment({})

const reason = reasonWithoutPostgres()
const originalQuery = pg.Client.prototype.query

async function start (t: Test, options: LettaOtelOptions = {}): Promise<Runtime> {
  const runtime = new Runtime(runtimeOptions({ destination: 'memory', ...options }), problem => { throw new Error(problem) })
  t.teardown(async () => { await runtime.shutdown(1_000) })
  await runtime.ready
  return runtime
}

function spansOf (runtime: Runtime): FinishedSpan[] {
  return runtime.memory!.finishedSpans().filter(({ name }) => name.startsWith('pg.query'))
}

/** When so many connections of a pool were closed, which takes longer than to let go of them. */
async function removals (pool: pg.Pool, count: number): Promise<void> {
  await new Promise<void>(resolve => {
    let removed = 0
    pool.on('remove', () => { if (++removed === count) resolve() })
  })
}

async function collect (runtime: Runtime): Promise<(name: string) => CollectedMetric | undefined> {
  const metrics = await runtime.memory!.metrics()
  return name => metrics.find(metric => metric.name === name)
}

/** Values of a counter by one of its attributes. */
function byAttribute (metric: CollectedMetric | undefined, attribute: string): Record<string, number> {
  return Object.fromEntries((metric?.points ?? []).map(({ attributes, value }) => [attributes[attribute], value!]))
}

t.test('with a server', { skip: reason ?? false }, async t => {
  const server: PostgresServer = await startPostgres()
  t.teardown(async () => { await server.stop() })
  const newPool = (t: Test, options: pg.PoolConfig = {}): pg.Pool => {
    const pool = new pg.Pool({ ...server.connection, ...options })
    t.teardown(async () => { if (!pool.ended) await pool.end() })
    return pool
  }

  await t.test('every instrument, with its unit', async t => {
    const runtime = await start(t, { temporality: 'cumulative' })
    const pool = newPool(t, { max: 2 })
    const removed = removals(pool, 2)
    t.teardown(monitorPool(pool, { name: 'main' }))
    const first = await pool.connect()
    const second = await pool.connect()
    const waiting = pool.connect()
    const during = await collect(runtime)
    const gauges = { connections_total: 2, connections_checked_out: 2, connections_available: 0, connections_overflow: 0 }
    for (const [name, value] of [...Object.entries(gauges).map(([name, value]) => [`gauge_db_pool_${name}`, value] as const), ['db_pool_waiters', 1] as const]) {
      t.match(during(name), { unit: '1', type: 'gauge', scope: 'letta-otel', points: [{ attributes: { engine_name: 'main' }, value }] }, name)
    }
    first.release()
    const third = await waiting
    third.release(new RangeError('it broke'))
    second.release()
    await pool.query('SELECT 1')
    await Promise.all([removed, pool.end()])
    const after = await collect(runtime)
    t.match(after('gauge_db_pool_connections_total'), { points: [{ value: 0 }] })
    t.match(after('count_db_pool_connection_events'), { unit: '1', type: 'sum' })
    t.same(byAttribute(after('count_db_pool_connection_events'), 'event'),
      { connect: 2, first_connect: 1, checkout: 4, checkin: 4, invalidate: 1, close: 2 })
    t.match(after('count_db_pool_connection_errors'), { unit: '1', points: [{ attributes: { engine_name: 'main', exception_type: 'RangeError' }, value: 1 }] })
    t.match(after('hist_db_pool_connection_duration_ms'), { unit: 'ms', type: 'histogram', points: [{ attributes: { engine_name: 'main' }, count: 4 }] })
    t.match(after('db_checkout_latency_ms'), { unit: 'ms', type: 'histogram', points: [{ attributes: { engine_name: 'main' }, count: 4 }] })
  })

  await t.test('durations are milliseconds', async t => {
    const runtime = await start(t)
    const pool = newPool(t, { max: 1 })
    t.teardown(monitorPool(pool, { name: 'slow' }))
    await Promise.all([pool.query('SELECT pg_sleep(0.2)'), pool.query('SELECT 1')])
    const metric = await collect(runtime)
    const sum = (name: string): number => metric(name)?.points[0]?.sum ?? NaN
    for (const name of ['hist_db_pool_connection_duration_ms', 'db_checkout_latency_ms']) {
      t.ok(sum(name) >= 195 && sum(name) < 5_000, `${name}: ${sum(name)}`)
    }
  })

  await t.test('two pools, and one that is not monitored any more', async t => {
    const runtime = await start(t)
    const [a, b, c] = [newPool(t), newPool(t), newPool(t)]
    t.teardown(monitorPool(a, { name: 'a' }))
    t.teardown(monitorPool(b, { name: 'b' }))
    monitorPool(c, { name: 'c' })()
    await Promise.all([a.query('SELECT 1'), b.query('SELECT 1'), b.query('SELECT 2'), c.query('SELECT 3')])
    const metric = await collect(runtime)
    t.same(byAttribute(metric('gauge_db_pool_connections_total'), 'engine_name'), { a: 1, b: 2 })
    const checkouts = metric('count_db_pool_connection_events')!.points.filter(({ attributes }) => attributes['event'] === 'checkout')
    t.same(byAttribute({ ...metric('count_db_pool_connection_events')!, points: checkouts }, 'engine_name'), { a: 1, b: 2 })
    t.notOk(Object.hasOwn(c, 'connect'))
  })

  await t.test('a query: its span below the caller\'s, its statement, and none of its values', async t => {
    const runtime = await start(t)
    const pool = newPool(t)
    const client = new pg.Client(server.connection)
    await client.connect()
    t.teardown(async () => { await client.end() })
    const long = `SELECT\n $1::text AS a, '${'x'.repeat(2_000)}' AS b`
    const parent = await trace.getTracer('app').startActiveSpan('parent', async span => {
      await pool.query(long, ['S3CR3T'])
      await client.query({ name: 'by-name', text: 'SELECT $1::int', values: [7] })
      await t.rejects(pool.query('SELECT $1::int', ['S3CR3T-value']), { message: /S3CR3T-value/ })
      await new Promise<void>(resolve => { client.query('SELECT 4', () => { resolve() }) })
      span.end()
      return span.spanContext()
    })
    const spans = spansOf(runtime)
    t.strictSame(spans.map(({ name }) => name), ['pg.query:SELECT postgres', 'pg.query:by-name postgres', 'pg.query:SELECT postgres', 'pg.query:SELECT postgres'])
    for (const { kind, traceId, parentSpanId } of spans) t.same([kind, traceId, parentSpanId], ['CLIENT', parent.traceId, parent.spanId])
    t.match(spans[0]!.attributes, {
      'db.system.name': 'postgresql', 'db.namespace': 'postgres', 'server.address': '127.0.0.1', 'server.port': server.connection.port, 'db.query.text': long.slice(0, 1_000)
    })
    t.equal(String(spans[0]!.attributes['db.query.text']).length, 1_000)
    t.match(spans[2], { status: { code: 'ERROR', message: undefined }, events: [{ name: 'exception', attributes: { 'exception.message': /22P02/ } }] })
    t.notMatch(JSON.stringify(runtime.memory!.finishedSpans(), (_key, value) => typeof value === 'bigint' ? String(value) : value as unknown), 'S3CR3T')
    const metric = await collect(runtime)
    const operations = metric('db.client.operation.duration')?.points.map(({ attributes }) => attributes['db.operation.name'])
    t.same([...new Set(operations)], ['SELECT'])
    t.equal(metric('db.client.connection.count'), undefined, 'pools are counted by monitorPool')
  })

  await t.test('queries that wait for one connection belong to those who ask', async t => {
    const runtime = await start(t)
    const pool = newPool(t, { max: 1 })
    t.teardown(monitorPool(pool, { name: 'one' }))
    const ids = await Promise.all([1, 2, 3].map(async n => await trace.getTracer('app').startActiveSpan(`parent ${n}`, async span => {
      await pool.query(`SELECT ${n}`)
      span.end()
      return span.spanContext().spanId
    })))
    t.strictSame(spansOf(runtime).map(({ attributes, parentSpanId }) => [attributes['db.query.text'], parentSpanId]), ids.map((id, index) => [`SELECT ${index + 1}`, id]))
  })

  await t.test('false, or an instrumentation of the user\'s: none of ours; and nothing is left after the end', async t => {
    const runtime = await start(t)
    t.not(pg.Client.prototype.query, originalQuery)
    await runtime.shutdown(1_000)
    t.equal(pg.Client.prototype.query, originalQuery)
    const none = await start(t, { instrumentations: false })
    await newPool(t).query('SELECT 1')
    t.strictSame(spansOf(none), [])
    await none.shutdown(1_000)
    const brought = await start(t, { instrumentations: [new PgInstrumentation()] })
    t.equal(pg.Client.prototype.query, originalQuery)
    await brought.shutdown(1_000)
    const early = new Runtime(runtimeOptions({ destination: 'memory' }), problem => { t.fail(problem) })
    await early.shutdown(1_000)
    await early.ready
    t.equal(pg.Client.prototype.query, originalQuery, 'ended before it was ready')
  })

  // Last: the server is gone after it.
  await t.test('a server that dies', async t => {
    const runtime = await start(t)
    const pool = newPool(t)
    t.teardown(monitorPool(pool, { name: 'lost' }))
    const failed = Promise.all([once(pool, 'error'), removals(pool, 1)])
    await pool.query('SELECT 1')
    await server.kill()
    await failed
    await t.rejects(pool.query('SELECT 1'), { code: 'ECONNREFUSED' })
    await t.rejects(pool.connect(), { code: 'ECONNREFUSED' })
    const metric = await collect(runtime)
    const errors = byAttribute(metric('count_db_pool_connection_errors'), 'exception_type')
    t.equal(Object.values(errors).reduce((sum, value) => sum + value, 0), 3, JSON.stringify(errors))
    t.match(byAttribute(metric('count_db_pool_connection_events'), 'event'), { checkout: 1, invalidate: 1, close: 1 })
  })
})
