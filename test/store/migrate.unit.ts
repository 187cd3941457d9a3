import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { migrate, readMigrations } from '../../lib/store/migrate.ts'
import { openStore } from '../../lib/store/open-store.ts'

/**
 * SHA-256 of each migration, by its version. What a release brought into a database is never edited: who has it would keep the old
 * schema for ever, as applied. A change is a migration of its own, with a line of its own here.
 *
 * Nothing is released yet. Until 0.1.0 is tagged a file may change, and its line here with it: `sha256sum lib/store/migrations/*.sql`.
 */
const SHIPPED: Readonly<Record<string, string>> = {
  '001-traces': '3f5ef164443105096c3af6a3541fd267c2d9d4901e6a03fc772ed637b9d8610c',
  '002-logs': 'd770d5923dfaf4101fd9790607c78f78d8f1696356f901c74f6d4cc4d471e8de',
  '003-metrics': '06969a6c721fd3e19e77b971970bb9e2aecf809c6e8e90f877d186c3bdf20253',
  '004-agents': '63134cbf66caa4c73ff2757f5bef7472c30666e0104168c72aadec9974b6b7b1',
  '005-jobs': '3c27179477b6991e95282810943bd62194a7f2c0b9861a259453349b63abc1f9',
  '006-rollups': 'fd6e17ec04a19162acd7136511c42fecc5fba93003eb75019c341eb99949950c',
  '007-entry-points': '220ad9642fa38a7f0e41d43d419bd821cdd1bf8a94fcd0118cf16d1f0f73bc73'
}

t.test('a migration that was released is never edited, renamed or left out', async t => {
  const hashes: Record<string, string> = {}
  for (const { version, name } of await readMigrations()) {
    const file = `${String(version).padStart(3, '0')}-${name}`
    hashes[file] = createHash('sha256').update(await readFile(new URL(`../../lib/store/migrations/${file}.sql`, import.meta.url))).digest('hex')
  }
  t.strictSame(hashes, SHIPPED)
})

t.test('versions follow one another', async t => {
  const versions = (await readMigrations()).map(({ version }) => version)
  t.strictSame(versions, versions.map((_, index) => index + 1))
})

const KEY = 'ServiceName, SpanName, toDateTime(Timestamp)'

t.test('tables of an earlier schema keep their key and their rows, and have what is told by them', async t => {
  const { engine, close } = await openStore({ path: ':memory:', migrate: false })
  t.teardown(close)
  await migrate(engine)
  const [{ text } = { text: '' }] = await engine.query<{ text: string }>("SELECT create_table_query AS text FROM system.tables WHERE database = currentDatabase() AND name = 'otel_traces'")
  const earlier = text.replace(/`IsEntryPoint`[^\n]*?empty\(ParentSpanId\)\)?, /, '').replace(/PRIMARY KEY \(.*\) TTL/, `PRIMARY KEY (${KEY}) ORDER BY (${KEY}, Timestamp) TTL`)
  t.notMatch(earlier, /IsEntryPoint/, 'as version 6 made it')
  await engine.command('DROP TABLE otel_traces SYNC')
  await engine.command(earlier)
  await engine.command('ALTER TABLE schema_migrations DELETE WHERE version = 7 SETTINGS mutations_sync = 1')
  const span = (name: string, kind: string, parent: string): string => `(now64(9), '${name}', '${kind}', '${parent}')`
  await engine.command(`INSERT INTO otel_traces (Timestamp, SpanName, SpanKind, ParentSpanId) VALUES ${span('root', 'Internal', '')}, ${span('entry', 'Server', 'a')}, ${span('consumer', 'Consumer', 'a')}, ${span('inner', 'Internal', 'a')}`)

  await migrate(engine)
  await engine.command(`INSERT INTO otel_traces (Timestamp, SpanName, SpanKind, ParentSpanId) VALUES ${span('later root', 'Client', '')}, ${span('later inner', 'Client', 'a')}`)
  const tables = await engine.query("SELECT primary_key, sorting_key FROM system.tables WHERE database = currentDatabase() AND name = 'otel_traces'")
  t.same(tables, [{ primary_key: KEY, sorting_key: `${KEY}, Timestamp` }])
  t.same(await engine.query('SELECT toUInt32(count()) AS rows FROM otel_traces'), [{ rows: 6 }])
  const entries = [{ name: 'consumer' }, { name: 'entry' }, { name: 'later root' }, { name: 'root' }]
  t.same(await engine.query('SELECT SpanName AS name FROM otel_traces WHERE IsEntryPoint = true ORDER BY name'), entries)
  t.same(await engine.query('SELECT SpanName AS name FROM otel_traces PREWHERE IsEntryPoint = true ORDER BY name'), entries, 'in parts without it, too')
})

t.test('the minutes of spans, and those that enter a service, are found by the key', async t => {
  const { engine, close } = await openStore({ path: ':memory:' })
  t.teardown(close)
  await engine.command('INSERT INTO otel_traces (Timestamp, SpanKind, ParentSpanId) SELECT toDateTime64(\'2026-11-20 00:00:00\', 9, \'UTC\') + toIntervalMillisecond(number * 860), if(number % 10 = 0, \'Server\', \'Internal\'), \'a\' FROM numbers(100000)')
  await engine.command('OPTIMIZE TABLE otel_traces FINAL')
  const plan = await engine.query<{ explain: string }>(`EXPLAIN indexes = 1 SELECT count() FROM otel_traces
    WHERE Timestamp >= toDateTime64('2026-11-20 12:00:00', 9, 'UTC') AND Timestamp < toDateTime64('2026-11-20 12:15:00', 9, 'UTC') AND IsEntryPoint = true`)
  const text = plan.map(({ explain }) => explain.trim()).join('\n')
  const [, condition = '', chosen, all] = /PrimaryKey\n[\s\S]*?Condition: (.*)\n[\s\S]*?Granules: (\d+)\/(\d+)/.exec(text) ?? []
  t.match(condition, /toStartOfHour\(Timestamp\) in /, text)
  t.match(condition, /IsEntryPoint in \[1, 1\]/)
  t.ok(Number(chosen) <= 2 && Number(all) >= 12, text)
})
