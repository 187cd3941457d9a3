import type { Test } from 'tap'
import { runRow, NOW, NOW_NS } from '../sample-rows.ts'
import type { Kit } from './contract.ts'

export async function writing (t: Test, { open }: Kit): Promise<void> {
  await t.test('a row that the engine refuses is counted, and costs no other row', async t => {
    const problems: string[] = []
    const store = await open(t, { onProblem: problem => { problems.push(problem) } })
    const good = Array.from({ length: 20 }, () => runRow())
    const bad = runRow({ num_steps: 'secret-of-a-row' as unknown as number })
    for (const row of [...good.slice(0, 7), bad, ...good.slice(7)]) store.rows.write('run_metrics', row)
    await store.rows.flush()
    for (const { id } of good) t.ok(await store.rows.runMetrics('org-1', id))
    t.match(store.stats(), { written: 20, waiting: 0, dropped: { rejected: 1 } })
    t.match(problems, [/an insert into run_metrics failed: ClickHouse error 27 /])
    t.notMatch(problems.join(), /secret-of-a-row/)
  })

  await t.test('rows of more days than one insert may have are all written', async t => {
    const store = await open(t)
    for (let day = 0; day < 150; day++) store.rows.write('run_metrics', runRow({ run_start_ns: NOW_NS - BigInt(day) * 86_400_000_000_000n }))
    await store.rows.flush()
    t.match(store.stats(), { written: 150, failedInserts: 0, dropped: { rejected: 0 } })
  })

  await t.test('a row that is no JSON is counted, and nothing is thrown', async t => {
    const store = await open(t)
    const row = runRow()
    store.rows.write('run_metrics', Object.defineProperty(row, 'outcome', { get: () => { throw new Error('no') }, enumerable: true }))
    store.rows.write('run_metrics', null as never)
    t.match(store.stats(), { waiting: 0, dropped: { invalid: 2 } })
  })

  await t.test('rows are written without anybody asking, and those of a closing store before it is closed', async t => {
    const { engine } = await open(t)
    const store = await open(t, { database: engine.database, flushIntervalMs: 5 })
    const first = runRow()
    store.rows.write('run_metrics', first)
    while (store.stats().written === 0) await new Promise(resolve => { setImmediate(resolve) })
    t.ok(await store.rows.runMetrics('org-1', first.id))
    const patient = await open(t, { database: engine.database, flushIntervalMs: 60_000 })
    for (let index = 0; index < 50; index++) patient.rows.write('run_metrics', runRow({ agent_id: 'agent-closing' }))
    t.equal(patient.stats().waiting, 50)
    await patient.close()
    t.match(patient.stats(), { waiting: 0, written: 50 })
    patient.rows.write('run_metrics', runRow())
    t.equal(patient.stats().dropped.shutdown, 1, 'what comes too late is counted')
    t.same(await engine.query("SELECT count() AS runs FROM run_metrics FINAL WHERE agent_id = 'agent-closing'"), [{ runs: '50' }])
  })

  await t.test('memory is bounded: what does not fit is counted', async t => {
    const byRows = await open(t, { maxRows: 5 })
    for (let index = 0; index < 8; index++) byRows.rows.write('run_metrics', runRow())
    t.match(byRows.stats(), { waiting: 5, dropped: { queue_full: 3 } })
    await byRows.rows.flush()
    t.match(byRows.stats(), { waiting: 0, written: 5 })
    const byBytes = await open(t, { maxBytes: 4_000 })
    byBytes.rows.write('run_metrics', runRow({ error_type: 'x'.repeat(10_000) }))
    byBytes.rows.write('run_metrics', runRow({ updated_at: NOW }))
    t.match(byBytes.stats(), { waiting: 1, dropped: { queue_full: 1 } })
  })

  await t.test('a query can be given up, and has its limit', async t => {
    const { engine } = await open(t, { migrate: false, queryTimeoutMs: 500 })
    await t.rejects(engine.query('SELECT 1 AS one', {}, { signal: AbortSignal.abort() }), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED' })
    await t.rejects(engine.query('SELECT sum(sipHash64(number)) AS sum FROM numbers(100000000000)', {}, { settings: { max_execution_time: 1 } }), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED', clickhouseCode: 159 })
    t.same(await engine.query('SELECT 1 AS one UNION ALL SELECT 2 AS one SETTINGS max_threads = 1;', {}, { settings: { max_result_rows: 10 } }), [{ one: 1 }, { one: 2 }])
    await t.rejects(engine.query('SELECT * FROM no_such_table'), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED', clickhouseCode: 60, message: /no_such_table/ })
  })
}
