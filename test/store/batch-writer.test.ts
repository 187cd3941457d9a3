import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { BatchWriter } from '../../lib/store/batch-writer.ts'
import { openStore } from '../../lib/store/open-store.ts'
import type { RowBatch } from '../../lib/store/row-batch.ts'
import { writerSettings, type CommonStoreOptions, type StoreOptions } from '../../lib/store/store-options.ts'
import { clickhouseServer, PASSWORD } from '../fixtures/clickhouse-http.ts'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runRow } from './sample-rows.ts'

/** Turns of the event loop until something is so. */
async function until (isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => { setTimeout(resolve, 2) })
}

t.test('a crash between insert and acknowledgement doubles no row', async t => {
  const directory = temporaryDirectory(t)
  const server = await clickhouseServer(join(directory, 'data'))
  t.teardown(async () => { await server.close() })
  for (const spool of [undefined, { directory: join(directory, 'spool') }]) {
    const store = await openStore({ url: server.url, password: PASSWORD, database: spool === undefined ? 'memory' : 'disk', ...(spool && { spool }) })
    await server.dropAnswers(2)
    const runs = Array.from({ length: 20 }, () => runRow())
    for (const run of runs) store.rows.write('run_metrics', run)
    await store.rows.flush()
    await until(() => store.stats().written === 20)
    t.match(store.stats(), { failedInserts: 2, spooled: spool === undefined ? 0 : 20, waiting: 0 })
    // Not FINAL: there is nothing to merge.
    t.same(await store.engine.query('SELECT count() AS runs FROM run_metrics'), [{ runs: '20' }])
    await store.close()
  }
})

t.test('a process is killed when the engine has its rows and the answer is not there: the next one doubles none', async t => {
  const directory = temporaryDirectory(t, { data: {} })
  const server = await clickhouseServer(join(directory, 'data'))
  t.teardown(async () => { await server.close() })
  const options: StoreOptions = { url: server.url, password: PASSWORD, flushIntervalMs: 5, spool: { directory: join(directory, 'spool') } }
  const child = fork(fileURLToPath(new URL('writer-process.ts', import.meta.url)), [JSON.stringify(options)], { execArgv: [] })
  await once(child, 'message')
  await server.dropAnswers(1_000)
  child.send('go')
  await once(child, 'message')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await server.dropAnswers(0)

  const store = await openStore(options)
  const count = async (): Promise<unknown> => await store.engine.query('SELECT count() AS runs FROM run_metrics')
  t.same(await count(), [{ runs: '20' }], 'the engine had taken them')
  await until(() => store.stats().written === 20)
  t.same(await count(), [{ runs: '20' }], 'and they came again')
  await store.close()
})

t.test('rows of a process that died behind its insert are written once by the next', async t => {
  const directory = temporaryDirectory(t)
  const settings = writerSettings({ spool: { directory: join(directory, 'spool') }, shutdownTimeoutMs: 100 })
  const taken: RowBatch[] = []
  // The engine took the batch, and its answer never came.
  const dying = await BatchWriter.open(async batch => {
    taken.push(batch)
    throw new Error('connection lost')
  }, settings)
  dying.add('run_metrics', JSON.stringify({ id: 'run-1' }))
  await dying.close()
  t.match(dying.stats, { waiting: 0, spooled: 1, dropped: { shutdown: 0 } })
  const written: RowBatch[] = []
  const next = await BatchWriter.open(async batch => { written.push(batch) }, settings)
  await until(() => next.stats.written === 1)
  t.same(written, [taken[0]], 'with the token that the engine knows already')
  await next.close()
})

t.test('an engine that is away for a while gets all rows when it is back', async t => {
  const directory = temporaryDirectory(t, { data: {} })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await t.rejects(openStore({ url, password: PASSWORD }), { code: 'LETTA_OTEL_STORE_UNAVAILABLE', message: /^the store at http:\/\/127\.0\.0\.1:\d+ cannot be opened: .*ECONNREFUSED/ })
  const problems: string[] = []
  const store = await openStore({
    url, password: PASSWORD, waitForEngine: false, flushIntervalMs: 5, spool: { directory: join(directory, 'spool') }, onProblem: problem => { problems.push(problem) }
  })
  const before = Array.from({ length: 30 }, () => runRow())
  for (const row of before) store.rows.write('run_metrics', row)
  await store.rows.flush()
  t.match(store.stats(), { written: 0, waiting: 0, spooled: 30, dropped: { queue_full: 0 } })
  t.ok(store.stats().spoolBytes > 0)
  t.match(problems[0], /cannot be opened: .*ECONNREFUSED/)
  t.notMatch(problems.join(), PASSWORD)

  const server = await clickhouseServer(join(directory, 'data'), port)
  t.teardown(async () => { await server.close() })
  await until(() => store.stats().written === 30)
  const after = runRow()
  store.rows.write('run_metrics', after)
  await store.rows.flush()
  for (const { id } of [...before, after]) t.ok(await store.rows.runMetrics('org-1', id))
  await store.close()
  t.match(store.stats(), { written: 31, spooled: 30, waiting: 0 })
})

t.test('the first rows of a table leave soon and together, and those behind them once an interval', async t => {
  const batches: RowBatch[] = []
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const writer = await BatchWriter.open(async batch => {
    batches.push(batch)
    resolve()
  }, writerSettings({ flushIntervalMs: 60_000 }))
  const alive = setTimeout(() => {}, 60_000)
  const begun = performance.now()
  for (let row = 0; row < 3; row++) writer.add('a', '{}')
  await arrived
  t.ok(performance.now() - begun < 30_000, 'long before the interval is over')
  for (let row = 0; row < 4; row++) {
    writer.add('a', '{}')
    await new Promise(resolve => { setTimeout(resolve, 30) })
  }
  t.match(writer.stats, { written: 3, waiting: 4 })
  await writer.close()
  clearTimeout(alive)
  t.strictSame(batches.map(({ rows }) => rows), [3, 4])
})

t.test('rows are not blamed for tables that cannot be made', async t => {
  const options = { path: ':memory:', storagePolicy: 'no-such-policy' }
  await t.rejects(openStore(options), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED', clickhouseCode: 478 })
  const store = await openStore({ ...options, waitForEngine: false, spool: { directory: join(temporaryDirectory(t), 'spool') } })
  store.rows.write('run_metrics', runRow())
  await store.rows.flush()
  t.match(store.stats(), { spooled: 1, waiting: 0, dropped: { rejected: 0 } })
  await store.close()
})

t.test('a table whose rows fail again and again holds up no other one', async t => {
  let isWell = false
  const problems: string[] = []
  const writer = await BatchWriter.open(async ({ table }) => {
    if (table === 'ill' && !isWell) throw Object.assign(new Error('missing'), { clickhouseCode: 60 })
  }, writerSettings({ flushIntervalMs: 1, spool: { directory: join(temporaryDirectory(t), 'spool') }, onProblem: problem => { problems.push(problem) } }))
  writer.add('ill', '{}')
  await writer.flush()
  t.match(writer.stats, { written: 0, spooled: 1, waiting: 0 })
  for (let index = 1; index <= 20; index++) {
    writer.add('well', '{}')
    await writer.flush()
    t.match(writer.stats, { written: index, spooled: 1 }, 'not by way of the disk')
  }
  await until(() => writer.stats.setAside > 0)
  t.match(problems, ['missing', 'rows of ill that failed 3 times wait behind all others'])
  isWell = true
  await until(() => writer.stats.written === 21)
  t.match(writer.stats, { dropped: { rejected: 0 }, spoolBytes: 0 })
  await writer.close()
})

t.test('a batch on the disk that fails again and again lets those behind it pass', async t => {
  let isBack = false
  const written: string[] = []
  const writer = await BatchWriter.open(async ({ table }) => {
    if (!isBack) throw new Error('away')
    if (table === 'ill') throw Object.assign(new Error('missing'), { clickhouseCode: 60 })
    written.push(table)
  }, writerSettings({ flushIntervalMs: 1, spool: { directory: join(temporaryDirectory(t), 'spool') } }))
  for (const table of ['ill', 'well', 'fine']) {
    writer.add(table, '{}')
    await writer.flush()
  }
  isBack = true
  await until(() => writer.stats.written === 2)
  t.same(written, ['well', 'fine'])
  await writer.close()
})

t.test('what waits behind an insert that hangs goes to the disk, and nothing is lost', async t => {
  const problems: string[] = []
  let hangs = true
  const gate = Promise.withResolvers<void>()
  const writer = await BatchWriter.open(async () => { if (hangs) await gate.promise }, writerSettings({
    flushIntervalMs: 1, maxRows: 40_000, spool: { directory: join(temporaryDirectory(t), 'spool') }, onProblem: problem => { problems.push(problem) }
  }))
  for (let index = 0; index < 100; index++) {
    for (let row = 0; row < 1_000; row++) writer.add('a', '{}')
    await until(() => writer.stats.waiting <= 30_000)
  }
  t.match(writer.stats, { written: 0, dropped: { queue_full: 0 } })
  t.ok(writer.stats.spooled >= 70_000, String(writer.stats.spooled))
  hangs = false
  gate.resolve()
  await writer.flush()
  await until(() => writer.stats.written === 100_000)
  t.match(writer.stats, { waiting: 0 })
  t.same(problems, [])
  await writer.close()
})

t.test('rows that find no place are told of', async t => {
  const problems: string[] = []
  const writer = await BatchWriter.open(async () => {}, writerSettings({ maxRows: 1, onProblem: problem => { problems.push(problem) } }))
  for (let index = 0; index < 3; index++) writer.add('a', '{}')
  t.equal(writer.stats.dropped.queue_full, 2)
  t.match(problems, [/^rows of a are lost: more than maxRows \(1\)/])
  await writer.close()
})

t.test('tables that somebody dropped are made again', async t => {
  const store = await openStore({ path: ':memory:', flushIntervalMs: 1 })
  // Rows that wait keep no process alive.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => { clearInterval(alive) })
  await store.engine.command('DROP TABLE run_metrics SYNC')
  const row = runRow()
  store.rows.write('run_metrics', row)
  await store.rows.flush()
  t.match(store.stats(), { written: 1, failedInserts: 1 })
  t.ok(await store.rows.runMetrics('org-1', row.id))
  await store.close()
})

t.test('shutdown keeps its time, and what is left is on the disk or counted', async t => {
  const hung = async (): Promise<never> => await new Promise(() => {})
  for (const [spool, outcome] of [[undefined, { dropped: { shutdown: 40 }, spooled: 0 }], [{ directory: join(temporaryDirectory(t), 'spool') }, { dropped: { shutdown: 0 }, spooled: 40 }]] as const) {
    const problems: string[] = []
    const writer = await BatchWriter.open(hung, writerSettings({ shutdownTimeoutMs: 300, flushIntervalMs: 5, onProblem: problem => { problems.push(problem) }, ...(spool && { spool }) }))
    for (let index = 0; index < 20; index++) {
      writer.add('run_metrics', '{}')
      writer.add('step_metrics', '{}')
    }
    const start = performance.now()
    await writer.close()
    t.ok(performance.now() - start < 1_500)
    t.match(writer.stats, { waiting: 0, ...outcome })
    t.equal(problems.length, spool === undefined ? 2 : 0)
  }
})

t.test('one insert a table at a time, and tables beside one another', async t => {
  const running = new Map<string, number>()
  let most = 0
  let tables = 0
  const writer = await BatchWriter.open(async ({ table }) => {
    running.set(table, (running.get(table) ?? 0) + 1)
    most = Math.max(most, running.get(table)!)
    tables = Math.max(tables, [...running.values()].filter(count => count > 0).length)
    await new Promise(resolve => { setImmediate(resolve) })
    running.set(table, running.get(table)! - 1)
  }, writerSettings({ flushIntervalMs: 1 }))
  const line = JSON.stringify({ text: 'x'.repeat(300_000) })
  for (let index = 0; index < 40; index++) writer.add(index % 2 === 0 ? 'a' : 'b', line)
  await writer.flush()
  t.same([most, tables], [1, 2])
  t.match(writer.stats, { written: 40, waiting: 0 })
  await writer.close()
})

t.test('a little that comes while a batch is written waits for more', async t => {
  const sizes: number[] = []
  const gate = Promise.withResolvers<void>()
  const writer = await BatchWriter.open(async ({ rows }) => {
    sizes.push(rows)
    if (sizes.length === 1) await gate.promise
  }, writerSettings({ flushIntervalMs: 20 }))
  writer.add('a', '{}')
  await until(() => sizes.length === 1)
  for (let index = 0; index < 5; index++) writer.add('a', '{}')
  gate.resolve()
  await until(() => sizes.length === 2)
  t.same(sizes, [1, 5])
  await writer.close()
})

t.test('without a disk rows wait in memory, and the same batch is tried again', async t => {
  // Rows that wait keep no process alive.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => { clearInterval(alive) })
  const tokens: string[] = []
  const writer = await BatchWriter.open(async ({ token }) => {
    tokens.push(token)
    if (tokens.length < 3) throw new Error('away')
  }, writerSettings({ flushIntervalMs: 1 } satisfies CommonStoreOptions))
  writer.add('a', '{}')
  await writer.flush()
  t.match(writer.stats, { written: 1, failedInserts: 2 })
  t.equal(new Set(tokens).size, 1)
  await writer.close()
})
