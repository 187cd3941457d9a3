import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { metrics } from '../../lib/testing.ts'
import { freePort } from '../fixtures/free-port.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'

useEnvironment({ LETTA_DIR: lettaDirectory() })

const NOTHING = { written: 0, waiting: 0, failedInserts: 0, spooled: 0, setAside: 0, spoolBytes: 0, dropped: { queue_full: 0, rejected: 0, spool_full: 0, invalid: 0, shutdown: 0 } }

async function start (t: Test, store: LettaOtelOptions['store']): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, shutdownTimeoutMs: 200, ...store !== undefined && { store } })
  return app
}

/** Points of the store's metrics by name, each with its attributes but for the component's. */
async function rowMetrics (): Promise<Record<string, unknown>> {
  const found = (await metrics()).filter(({ name }) => name.startsWith('letta_otel.store.'))
  return Object.fromEntries(found.map(({ name, points }) => [name.slice('letta_otel.store.'.length), points.map(({ attributes, value }) => {
    const { 'otel.component.name': component, 'otel.component.type': type, ...rest } = attributes
    if (type !== 'letta_otel_store_writer' || !/^letta_otel_store_writer\/\d+$/.test(String(component))) throw new Error(`${String(component)} of type ${String(type)}`)
    return { ...rest, value }
  })]))
}

t.test('an application knows what became of its rows, and so does whoever reads its metrics', async t => {
  const app = await start(t, { path: ':memory:' })
  app.telemetry.run({ organizationId: 'org-1' }, () => {})
  t.match(app.telemetry.stats().rows, { waiting: 2, written: 0 })
  t.equal(await app.telemetry.flush(), true)
  t.strictSame(app.telemetry.stats().rows, { ...NOTHING, written: 2 })
  const told = { 'row.written': [{ value: 2 }], 'row.spooled': [{ value: 0 }], 'insert.failed': [{ value: 0 }], 'row.waiting': [{ value: 0 }], 'spool.usage': [{ value: 0 }] }
  t.strictSame(await rowMetrics(), told)
  const other = await start(t, { path: ':memory:' })
  app.telemetry.run({ organizationId: 'org-1' }, () => {})
  t.match(await rowMetrics(), { 'row.waiting': [{ value: 2 }, { value: 0 }] }, 'stores of one process are told apart')
  await other.close()
  await app.close()
  t.match(await rowMetrics(), { 'row.waiting': [{ value: 0 }, { value: 0 }] }, 'of one that is closed the last figures are told')
})

t.test('rows that are lost are seen, by reason', async t => {
  const app = await start(t, { url: `http://127.0.0.1:${await freePort()}`, maxRows: 3 })
  for (let runs = 0; runs < 5; runs++) app.telemetry.run({ organizationId: 'org-1' }, () => {})
  const { waiting, spooled, dropped } = app.telemetry.stats().rows
  t.ok(waiting + spooled >= 3)
  t.ok(dropped.queue_full > 0)
  const written = (await rowMetrics())['row.written'] as Array<Record<string, unknown>>
  t.match(written.filter(point => 'error.type' in point), [{ 'error.type': 'queue_full', value: dropped.queue_full }])
})

t.test('all figures are 0 without a store', async t => {
  const app = await start(t, undefined)
  app.telemetry.run({}, () => {})
  t.strictSame(app.telemetry.stats().rows, NOTHING)
})
