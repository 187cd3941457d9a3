/** Backups of a store on the disk: made, added to, verified, damaged, restored. */
import { appendFileSync, existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createBackup, LATEST } from '../../../lib/store/backup/create-backup.ts'
import { listManifests, readManifest, type BackupManifest } from '../../../lib/store/backup/manifest.ts'
import { embeddedBackupArguments } from '../../../lib/store/backup/place.ts'
import { restoreBackup } from '../../../lib/store/backup/restore-backup.ts'
import { verifyBackup } from '../../../lib/store/backup/verify-backup.ts'
import type { Engine } from '../../../lib/store/engine.ts'
import { openStore } from '../../../lib/store/open-store.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { insertSample } from '../sample-store.ts'

const FAILED = { code: 'LETTA_OTEL_STORE_BACKUP_FAILED' }
const root = temporaryDirectory(t)
const directory = join(root, 'b & <ackups>')
const place = { kind: 'file' } as const

let engine: Engine
t.before(async () => {
  const store = await openStore({ path: join(root, 'data'), connectionArguments: await embeddedBackupArguments(directory) })
  engine = store.engine
  t.teardown(async () => { await store.close() })
  await insertSample(engine, { organizations: ['org-1'] })
})

const rowsOf = (manifest: BackupManifest, name: string): number | undefined => manifest.tables.find(({ table }) => table === name)?.rows
const differing = async (manifest: BackupManifest): Promise<string[]> => (await verifyBackup(engine, manifest)).filter(({ same }) => !same).map(({ table }) => table)
const databases = async (): Promise<string[]> => (await engine.query<{ name: string }>("SELECT name FROM system.databases WHERE name LIKE '%otel%' ORDER BY name")).map(({ name }) => name)

t.test('a full backup, then what was added', async t => {
  const said: string[] = []
  const full = await createBackup(engine, { directory, place, name: 'full', onProgress: what => { said.push(what) } })
  t.match(full, { format: 1, name: 'full', database: 'otel', base: null, place })
  t.equal(rowsOf(full, 'run_metrics'), 20)
  t.equal(rowsOf(full, 'provider_trace_payloads'), 40)
  t.equal(rowsOf(full, 'otel_metrics_gauge'), 0)
  t.equal(rowsOf(full, 'jobs_updates'), undefined, 'what keeps no rows has none')
  t.ok(said.includes('backing up') && said.includes('reading run_metrics'))
  t.equal(statSync(join(directory, 'full.backup.json')).mode & 0o777, 0o600)
  t.strictSame(await readManifest(directory, 'full'), full)

  await insertSample(engine, { organizations: ['org-2'], agents: 1 })
  const added = await createBackup(engine, { directory, place, base: LATEST })
  t.match(added.name, /^otel-\d{8}T\d{6}Z$/)
  t.equal(added.base, 'full')
  t.equal(rowsOf(added, 'run_metrics'), 30)
  t.ok(added.bytes < full.bytes, `${added.bytes} bytes beside ${full.bytes}`)
  t.strictSame((await listManifests(directory)).map(({ name }) => name), [added.name, 'full'], 'the newest first')

  t.strictSame(await differing(full), [])
  t.strictSame(await differing(added), [])
  t.strictSame(await databases(), ['otel'], 'no scratch database is left')
})

t.test('restored into another database, it is all there, and works', async t => {
  const [newest] = await listManifests(directory)
  const comparisons = await restoreBackup(engine, newest!, 'otel_copy')
  t.ok(comparisons.every(({ same }) => same))
  const [found] = await engine.query<{ runs: string }>('SELECT count() AS runs FROM otel_copy.run_metrics FINAL')
  t.equal(found!.runs, '30')
  await engine.command("INSERT INTO otel_copy.otel_traces (Timestamp, SpanKind, ServiceName, Duration) VALUES (now64(9), 'Server', 'restored', 5)")
  const [minute] = await engine.query<{ requests: string }>("SELECT sum(requests) AS requests FROM otel_copy.endpoint_minutes WHERE service_name = 'restored'")
  t.equal(minute!.requests, '1', 'views fill the tables beside them')
  const [original] = await engine.query<{ requests: string }>("SELECT count() AS requests FROM otel.endpoint_minutes WHERE service_name = 'restored'")
  t.equal(original!.requests, '0', 'and not those of the original')
  await t.rejects(restoreBackup(engine, newest!, 'otel_copy'), { ...FAILED, message: /table .* of database otel_copy has rows: restore into another database/ })
  await engine.command('DROP DATABASE otel_copy SYNC')
})

/** The engine, where something happens after each command. */
function engineThat (afterCommand: (sql: string) => Promise<void>): Engine {
  return {
    kind: engine.kind,
    database: engine.database,
    query: async (...asked) => await engine.query(...asked),
    insert: async (...asked) => { await engine.insert(...asked) },
    close: async () => {},
    command: async (sql, params) => {
      await engine.command(sql, params)
      await afterCommand(sql)
    }
  }
}

t.test('what is written meanwhile is in the manifest when it is in the backup', async t => {
  let writes = 0
  const busy = engineThat(async sql => {
    if (sql.startsWith('BACKUP')) await insertSample(engine, { organizations: [`org-busy-${++writes}`], agents: 1, runs: 2 })
  })
  const manifest = await createBackup(busy, { directory, place, name: 'busy' })
  t.equal(writes, 1)
  const [live] = await engine.query<{ runs: string }>('SELECT count() AS runs FROM run_metrics')
  t.equal(live!.runs, '32')
  t.ok([30, 32].includes(rowsOf(manifest, 'run_metrics')!), 'as many as the engine had when it looked')
  t.strictSame(await differing(manifest), [])
})

t.test('of a table that moved meanwhile, a backup that is not what the table held is none', async t => {
  const forgetful = engineThat(async sql => {
    if (sql.startsWith('BACKUP')) await insertSample(engine, { organizations: ['org-forgotten'], agents: 1, runs: 2 })
    if (!sql.startsWith('RESTORE') || sql.includes('structure_only')) return
    // As if the backup had lost a part: what is restored of it looks well, as long as it is compared with itself alone.
    const scratch = /AS `(\w+)` FROM/.exec(sql)![1]!
    let part: { name: string } | undefined
    while (part === undefined) {
      [part] = await engine.query<{ name: string }>(
        "SELECT name FROM system.parts WHERE database = {scratch:String} AND table = 'run_metrics' AND active LIMIT 1", { scratch })
    }
    await engine.command(`ALTER TABLE ${scratch}.run_metrics DROP PART '${part.name}'`)
  })
  await t.rejects(createBackup(forgetful, { directory, place, name: 'forgetful' }), { ...FAILED, message: 'backup "forgetful": it does not hold what table run_metrics held: make another one' })
  t.strictSame(await databases(), ['otel'])
  await t.rejects(readManifest(directory, 'forgetful'), FAILED, 'nor is it one of those that were made')
})

t.test('rows that merges would take away count as well', async t => {
  await insertSample(engine, { organizations: ['org-1'] })
  const manifest = await createBackup(engine, { directory, place, name: 'twice' })
  await engine.command('OPTIMIZE TABLE run_metrics FINAL')
  t.strictSame(await differing(manifest), [])
})

t.test('a backup that is not what it was', async t => {
  const manifest = await createBackup(engine, { directory, place, name: 'spoilt' })
  const other = manifest.tables.map(table => table.table === 'run_metrics' ? { ...table, checksum: '1' } : table)
  t.strictSame(await differing({ ...manifest, tables: other }), ['run_metrics'], 'other rows')
  t.strictSame(await differing({ ...manifest, tables: manifest.tables.slice(1) }), [manifest.tables[0]!.table], 'a table more')
  t.strictSame(await differing({ ...manifest, tables: [...manifest.tables, { table: 'gone', rows: 3, checksum: '0' }] }), ['gone'], 'a table less')

  const [file] = globSync('spoilt/data/otel/otel_traces/*/data.bin', { cwd: directory })
  const bytes = readFileSync(join(directory, file!))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(join(directory, file!), bytes)
  await t.rejects(verifyBackup(engine, manifest), { message: /checksum|corrupt|damaged|data/i }, 'one bit of a file')
  t.strictSame(await databases(), ['otel'], 'and no scratch database is left')
  appendFileSync(join(directory, file!), 'more')
  await t.rejects(verifyBackup(engine, manifest), FAILED, 'a file of another size')
  rmSync(join(directory, 'spoilt'), { recursive: true })
  await t.rejects(verifyBackup(engine, manifest), { ...FAILED, message: /^backup "spoilt": .*: put its files back/ }, 'no files')
})

t.test('what somebody else has in a database is not dropped', async t => {
  const manifest = await readManifest(directory, 'full')
  for (const [name, kind] of [['log', 'Log'], ['memory', 'Memory'], ['merge_tree', 'MergeTree ORDER BY a']] as const) {
    await engine.command(`CREATE DATABASE mine_${name}`)
    await engine.command(`CREATE TABLE mine_${name}.precious (a Int32) ENGINE = ${kind}`)
    await engine.command(`INSERT INTO mine_${name}.precious VALUES (1)`)
    await t.rejects(restoreBackup(engine, manifest, `mine_${name}`), { ...FAILED, message: /table precious of database mine_\w+ is not letta-otel's: restore into another database/ })
    t.same(await engine.query(`SELECT a FROM mine_${name}.precious`), [{ a: 1 }])
    await engine.command(`RENAME TABLE mine_${name}.precious TO mine_${name}.run_metrics`)
    await t.rejects(restoreBackup(engine, manifest, `mine_${name}`), { ...FAILED, message: /table run_metrics of database mine_\w+ has rows/ })
    await engine.command(`DROP DATABASE mine_${name} SYNC`)
  }
  await engine.command('CREATE DATABASE mine')
  await engine.command('CREATE VIEW mine.view AS SELECT 1')
  await t.rejects(restoreBackup(engine, manifest, 'mine'), { ...FAILED, message: /table view of database mine is not/ })
  for (const name of ['system', 'default', 'INFORMATION_SCHEMA']) await t.rejects(restoreBackup(engine, manifest, name), { ...FAILED, message: /not letta-otel's alone/ })
  await engine.command('DROP DATABASE mine SYNC')
})

t.test('a restore that fails leaves tables that merge', async t => {
  const manifest = await createBackup(engine, { directory, place, name: 'half' })
  const [file] = globSync('half/data/otel/run_metrics/*/data.bin', { cwd: directory })
  appendFileSync(join(directory, file!), 'more')
  await t.rejects(restoreBackup(engine, manifest, 'half'), FAILED)
  for (const id of ['a', 'b']) await engine.command(`INSERT INTO half.run_metrics (id, run_start_ns) VALUES ('${id}', now64(9))`)
  await engine.command('OPTIMIZE TABLE half.run_metrics FINAL SETTINGS optimize_throw_if_noop = 1')
  await engine.command('DROP DATABASE half SYNC')
})

t.test('names that are none, and names that are taken', async t => {
  for (const name of ['../full', "a'b", '', '.hidden', 'a/b', 'x'.repeat(101)]) {
    await t.rejects(createBackup(engine, { directory, place, name }), FAILED, name)
    await t.rejects(readManifest(directory, name), FAILED, name)
  }
  await t.rejects(createBackup(engine, { directory, place, name: 'full' }), { message: /^backup "full": Backup File\('full'\) already exists: choose another name$/ })
  await t.rejects(createBackup(engine, { directory, place, name: 'next', base: 'missing' }), { message: /there is no manifest missing\.backup\.json/ })
  await t.rejects(createBackup(engine, { directory: join(root, 'none'), place, name: 'next', base: LATEST }), { message: /there is no backup of database otel yet: make a full one first/ })
  await t.rejects(createBackup(engine, { directory, place: { kind: 'disk', disk: 'elsewhere' }, name: 'next' }), { message: /allowed_disk.*: allow it in the server's configuration/ })
  await t.rejects(createBackup(engine, { directory, place: { kind: 'disk', disk: "x', 'y" }, name: 'next' }), TypeError)
  t.notOk(existsSync(join(directory, 'next.backup.json')))
  writeFileSync(join(directory, 'other.backup.json'), '{}')
  await t.rejects(readManifest(directory, 'other'), { message: /its manifest cannot be read/ })
  t.notOk((await listManifests(directory)).some(({ name }) => name === 'other'))
})
