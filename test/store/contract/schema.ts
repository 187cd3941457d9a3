import type { Test } from 'tap'
import { migrate, readMigrations, schemaStatus } from '../../../lib/store/migrate.ts'
import { openStore } from '../../../lib/store/open-store.ts'
import { readRetention, setRetention } from '../../../lib/store/retention.ts'
import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import type { Kit } from './contract.ts'

export async function schema (t: Test, { open }: Kit): Promise<void> {
  await t.test('an empty database has everything pending, and nothing after', async t => {
    const { engine } = await open(t, { migrate: false })
    const versions = (await readMigrations()).map(({ version, name }) => ({ version, name }))
    t.same(await schemaStatus(engine), { present: 0, known: versions.length, pending: versions })
    t.same(await engine.query('SELECT name FROM system.tables WHERE database = {database:String}', { database: engine.database }), [], 'asking made nothing')
    await migrate(engine)
    t.same(await schemaStatus(engine), { present: versions.length, known: versions.length, pending: [] })
  })

  await t.test('migrating again, and at once, changes nothing', async t => {
    const { engine } = await open(t)
    const look = async (): Promise<unknown> => await engine.query(
      'SELECT name, create_table_query FROM system.tables WHERE database = {database:String} ORDER BY name', { database: engine.database })
    const before = await look()
    // As of a process that died before it could say that it was through.
    await engine.command('TRUNCATE TABLE schema_migrations')
    await Promise.all([migrate(engine), migrate(engine), migrate(engine)])
    t.same(await look(), before)
    const applied = await engine.query<{ version: number }>('SELECT version FROM schema_migrations FINAL ORDER BY version')
    t.same(applied.map(({ version }) => version), (await readMigrations()).map(({ version }) => version))
  })

  await t.test('a newer schema than the code is refused, and left alone', async t => {
    const { engine } = await open(t)
    await engine.insert('schema_migrations', JSON.stringify({ version: 999, name: 'from-the-future' }), 1)
    await engine.command('DROP TABLE otel_logs SYNC')
    await t.rejects(migrate(engine), { code: 'LETTA_OTEL_STORE_TOO_NEW', message: /schema version 999/ })
    t.same(await engine.query("SELECT name FROM system.tables WHERE database = currentDatabase() AND name = 'otel_logs'"), [], 'nothing was made')
  })

  await t.test('retention is set when tables are made, lengthened safely, and shortened only when that is allowed', async t => {
    const { engine } = await open(t, { retention: { otel_logs: { days: 7 } } })
    const daysOf = async (name: string): Promise<unknown> => (await readRetention(engine)).find(({ table }) => table === name)?.days
    t.equal(await daysOf('otel_logs'), 7)
    t.equal(await daysOf('provider_trace_payloads'), 30)
    t.equal(await daysOf('endpoint_minutes'), 730)
    await setRetention(engine, { otel_logs: { days: 14 }, otel_traces: { days: 120 } })
    t.same([await daysOf('otel_logs'), await daysOf('otel_traces')], [14, 120])
    await t.rejects(setRetention(engine, { otel_traces: { days: 200 }, otel_logs: { days: 3 } }), {
      code: 'LETTA_OTEL_STORE_RETENTION_SHORTER', message: /"otel_logs" is not set to 3 days: rows are kept 14 days/
    })
    t.equal(await daysOf('otel_traces'), 120, 'no table was changed')
    await setRetention(engine, { otel_logs: { days: 3 } }, { allowLoss: true })
    t.equal(await daysOf('otel_logs'), 3)
    await engine.command('ALTER TABLE otel_logs REMOVE TTL')
    t.equal(await daysOf('otel_logs'), undefined)
    await t.rejects(setRetention(engine, { otel_logs: { days: 30_000 } }), { message: /kept for ever today/ })
  })

  await t.test('tables that an exporter made before get what they lack, and keep their rows', async t => {
    const { engine } = await open(t, { migrate: false })
    const attributes = 'Map(LowCardinality(String), String)'
    await engine.command(`CREATE TABLE otel_traces (
      Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String, SpanName LowCardinality(String),
      SpanKind LowCardinality(String), ServiceName LowCardinality(String), ResourceAttributes ${attributes}, ScopeName String, ScopeVersion String,
      SpanAttributes ${attributes}, Duration UInt64, StatusCode LowCardinality(String), StatusMessage String,
      Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes ${attributes}),
      Links Nested (TraceId String, SpanId String, TraceState String, Attributes ${attributes})
    ) ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))`)
    await engine.command("INSERT INTO otel_traces (Timestamp, TraceId, SpanAttributes) VALUES (now64(9), 'earlier', map('a', 'b'))")
    await migrate(engine)
    const found = await runQuery(engine, NAMED_QUERIES['trace-search'], { attributes: { a: 'b' } }, 'all-organizations')
    t.match(found, [{ trace_id: 'earlier' }])
    const [indices] = await engine.query<{ names: string[] }>(
      "SELECT groupArray(name) AS names FROM system.data_skipping_indices WHERE database = currentDatabase() AND table = 'otel_traces'")
    t.ok(indices?.names.includes('idx_span_attribute_items'), String(indices?.names))
  })

  await t.test('all tables of the design are there, with the exporter\'s columns', async t => {
    const { engine } = await open(t)
    const columns = await engine.query<{ table: string, names: string[] }>(
      'SELECT table, groupArray(name) AS names FROM system.columns WHERE database = currentDatabase() GROUP BY table')
    const of = (table: string): string[] => columns.find(row => row.table === table)?.names ?? []
    t.ok(['Timestamp', 'TraceId', 'SpanAttributes', 'Events.Attributes', 'Links.TraceState', 'Duration'].every(name => of('otel_traces').includes(name)))
    t.ok(['TraceFlags', 'ScopeAttributes', 'LogAttributes', 'EventName'].every(name => of('otel_logs').includes(name)))
    for (const kind of ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary']) {
      t.ok(['MetricName', 'Attributes', 'StartTimeUnix', 'TimeUnix', 'Flags'].every(name => of(`otel_metrics_${kind}`).includes(name)), kind)
    }
    t.ok(['PositiveBucketCounts', 'ZeroCount', 'Exemplars.TraceId'].every(name => of('otel_metrics_exponential_histogram').includes(name)))
    t.ok(['run_ns', 'tools_used', 'cost_usd', 'is_deleted'].every(name => of('run_metrics').includes(name)))
    t.ok(['request_json', 'response_json', 'step_id', 'organization_id', 'created_at'].every(name => of('provider_trace').includes(name)))
  })

  await t.test('an option that cannot work is refused before anything is opened', async t => {
    await t.rejects(openStore({ path: '' }), { code: 'LETTA_OTEL_INVALID_OPTION' })
    await t.rejects(open(t, { database: 'a`b' }), { code: 'LETTA_OTEL_INVALID_OPTION' })
    await t.rejects(open(t, { retention: { otel_logs: { days: 0 } } }), { code: 'LETTA_OTEL_INVALID_OPTION' })
    await t.rejects(open(t, { retention: { otel_logs: { days: 1, hotDays: 2 } } }), { code: 'LETTA_OTEL_INVALID_OPTION' })
    await t.rejects(open(t, { storagePolicy: "x'" }), { code: 'LETTA_OTEL_INVALID_OPTION' })
  })
}
