/** Any pool with the interface, and what monitoring does to it. Against a real server: postgres.test.ts. */
import { context, createNoopMeter, metrics as metricsApi } from '@opentelemetry/api'
import { EventEmitter } from 'node:events'
import t, { type Test } from 'tap'
import { monitorPool, type MonitorPoolOptions } from '../../lib/database/monitor-pool.ts'
import type { MonitoredPool } from '../../lib/database/pool.ts'
import type { CollectedMetric } from '../../lib/runtime/memory-destination.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'

useEnvironment({})

type Callback = (error: unknown, connection?: object) => void

/** A pool of somebody else's making. */
class OwnPool extends EventEmitter implements MonitoredPool {
  totalCount = 5
  idleCount = 2
  waitingCount = 3
  options = { max: 4 }
  failure: unknown

  connect (callback?: Callback): Promise<object> | undefined {
    const connection = {}
    if (callback === undefined) return this.failure === undefined ? Promise.resolve(connection) : Promise.reject(this.failure)
    callback(this.failure, connection)
    return undefined
  }
}

async function withMetrics (t: Test, work: () => unknown): Promise<(name: string) => CollectedMetric | undefined> {
  const runtime = new Runtime(runtimeOptions({ destination: 'memory', instrumentations: false }), problem => { throw new Error(problem) })
  t.teardown(async () => { await runtime.shutdown(1_000) })
  await work()
  const metrics = await runtime.memory!.metrics()
  return name => metrics.find(metric => metric.name === name)
}

t.test('what cannot be monitored', t => {
  const pool = new OwnPool()
  const refuses = (pool: unknown, options: unknown, option: string): void => {
    t.throws(() => monitorPool(pool as MonitoredPool, options as MonitorPoolOptions), { code: 'LETTA_OTEL_INVALID_OPTION', message: `"${option}"` })
  }
  for (const no of [undefined, null, 'pool', {}, new EventEmitter()]) refuses(no, { name: 'main' }, 'monitorPool.pool')
  for (const no of [undefined, {}, { name: '' }, { name: 1 }]) refuses(pool, no, 'monitorPool.name')
  const stop = monitorPool(pool, { name: 'main' })
  refuses(pool, { name: 'again' }, 'monitorPool.pool')
  stop()
  monitorPool(pool, { name: 'again' })()
  t.end()
})

t.test('a pool that is monitored before there is telemetry, and by one runtime after the other', async t => {
  const pool = new OwnPool()
  const stop = monitorPool(pool, { name: 'early' })
  pool.emit('connect', {})
  for (const round of ['first', 'second']) {
    await t.test(round, async t => {
      const metric = await withMetrics(t, () => { pool.emit('acquire', {}) })
      t.match(metric('count_db_pool_connection_events')?.points, [{ attributes: { engine_name: 'early', event: 'checkout' }, value: 1 }])
      t.equal(metric('count_db_pool_connection_events')?.points.length, 1)
      t.match(metric('gauge_db_pool_connections_overflow')?.points, [{ value: 1 }])
      t.match(metric('db_pool_waiters')?.points, [{ value: 3 }])
    })
  }
  await t.test('after its end', async t => {
    const metric = await withMetrics(t, () => {
      stop()
      pool.emit('acquire', {})
    })
    t.equal(metric('count_db_pool_connection_events'), undefined)
    t.equal(metric('db_pool_waiters'), undefined)
  })
})

t.test('what the pool gives is what its caller gets', async t => {
  const pool = new OwnPool()
  const failure = new TypeError('no connection')
  const metric = await withMetrics(t, async () => {
    const stop = monitorPool(pool, { name: 'own' })
    t.type(await pool.connect(), Object)
    pool.connect((error, connection) => { t.same([error, connection], [undefined, {}]) })
    pool.failure = failure
    await t.rejects(pool.connect()!, failure)
    pool.connect(error => { t.equal(error, failure) })
    pool.failure = 'a text'
    await t.rejects(pool.connect()!.catch((error: string) => { throw new Error(error) }), new Error('a text'))
    stop()
    await t.rejects(pool.connect()!.catch((error: string) => { throw new Error(error) }), new Error('a text'))
  })
  t.match(metric('db_checkout_latency_ms')?.points, [{ count: 2 }])
  t.same(metric('count_db_pool_connection_errors')?.points.map(({ attributes, value }) => [attributes['exception_type'], value]), [['TypeError', 2], ['string', 1]])
})

t.test('the end leaves the pool as it was', t => {
  const pool = new OwnPool()
  const { connect } = pool
  const before = pool.eventNames()
  const stop = monitorPool(pool, { name: 'own' })
  t.not(pool.connect, connect)
  stop()
  stop()
  t.equal(pool.connect, connect)
  t.same(pool.eventNames(), before)
  t.same(Reflect.ownKeys(pool).filter(key => String(key).includes('letta')), [])

  const own = (): string => 'own'
  const replaced: { connect: () => unknown } = Object.assign(new OwnPool(), { connect: own })
  const end = monitorPool(replaced as never, { name: 'own' })
  t.equal(replaced.connect(), 'own', 'what is no promise is passed on')
  const later = replaced.connect
  replaced.connect = () => later()
  end()
  t.equal(replaced.connect(), 'own', 'somebody else\'s stays, and goes on to the pool\'s own')
  t.end()
})

t.test('a pool that does not say which connection it is', async t => {
  const pool = new OwnPool()
  const metric = await withMetrics(t, () => {
    const stop = monitorPool(pool, { name: 'own' })
    for (const none of [undefined, null, 7, 'connection']) {
      pool.emit('acquire', none)
      pool.emit('release', undefined, none)
    }
    stop()
  })
  t.same(metric('count_db_pool_connection_events')?.points.map(({ attributes, value }) => [attributes['event'], value]), [['checkout', 4], ['checkin', 4]])
})

t.test('an error that nobody listens for is still one, and events change no context', t => {
  const pool = new OwnPool()
  t.teardown(monitorPool(pool, { name: 'own' }))
  t.throws(() => pool.emit('error', new Error('idle connection lost')), new Error('idle connection lost'))
  const active = context.active()
  pool.connect(() => { t.equal(context.active(), active) })
  pool.emit('release', true, {})
  t.end()
})

t.test('instruments of the application\'s own that throw cost nobody a connection', async t => {
  const fail = (): never => { throw new RangeError('not ours') }
  const meter = Object.assign(createNoopMeter(), { createHistogram: () => ({ record: fail }), createCounter: () => ({ add: fail }), addBatchObservableCallback: fail })
  metricsApi.disable()
  metricsApi.setGlobalMeterProvider({ getMeter: () => meter })
  t.teardown(() => { metricsApi.disable() })
  const pool = new OwnPool()
  const stop = monitorPool(pool, { name: 'own' })
  const connection = {}
  pool.emit('connect', connection)
  pool.emit('acquire', connection)
  t.type(await pool.connect(), Object)
  pool.connect((error, connection) => { t.same([error, connection], [undefined, {}]) })
  pool.emit('release', Object.assign(new Error('broken'), { constructor: undefined }), connection)
  stop()
})
