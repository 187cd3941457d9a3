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
  '001-traces': '04e67e5b65ae705d2d548fccde28e5f7c402821d7648be52617bfb1a44a9c168',
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

t.test('tables of an earlier schema keep their key and their rows, and have what is told by them', async t => {
  const { engine, close } = await openStore({ path: ':memory:', migrate: false })
  t.teardown(close)
  await migrate(engine)
  const [{ text } = { text: '' }] = await engine.query<{ text: string }>("SELECT create_table_query AS text FROM system.tables WHERE database = currentDatabase() AND name = 'otel_traces'")
  const earlier = text.replace(/`IsEntryPoint`[^\n]*?empty\(ParentSpanId\)\)?, /, '').replace(/ORDER BY \(.*?\) TTL/, 'ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp) TTL')
  t.notMatch(earlier, /IsEntryPoint/, 'as version 6 made it')
  await engine.command('DROP TABLE otel_traces SYNC')
  await engine.command(earlier)
  await engine.command('ALTER TABLE schema_migrations DELETE WHERE version = 7 SETTINGS mutations_sync = 1')
  const span = (name: string, kind: string, parent: string): string => `(now64(9), '${name}', '${kind}', '${parent}')`
  await engine.command(`INSERT INTO otel_traces (Timestamp, SpanName, SpanKind, ParentSpanId) VALUES ${span('root', 'Internal', '')}, ${span('entry', 'Server', 'a')}, ${span('consumer', 'Consumer', 'a')}, ${span('inner', 'Internal', 'a')}`)

  await migrate(engine)
  await engine.command(`INSERT INTO otel_traces (Timestamp, SpanName, SpanKind, ParentSpanId) VALUES ${span('later root', 'Client', '')}, ${span('later inner', 'Client', 'a')}`)
  t.same(await engine.query('SELECT SpanName AS name FROM otel_traces WHERE IsEntryPoint ORDER BY name'), [{ name: 'consumer' }, { name: 'entry' }, { name: 'later root' }, { name: 'root' }])
})
