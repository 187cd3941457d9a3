import t from 'tap'
import { openStore } from '../../lib/store/open-store.ts'
import { measureFootprints, planStorage, planTotal } from '../../lib/store/plan.ts'
import { tableStatus } from '../../lib/store/table-status.ts'
import { NOW_NS, payloadRow, runRow } from './sample-rows.ts'

t.test('10 kB a run, 10,000 runs a day, 90 days and compression by 8 are about 1.1 GB', async t => {
  const footprints = [{ table: 'runs', raw_bytes_per_run: 10_000, bytes_per_run: 10_000 / 8, days: undefined }]
  const [table] = planStorage({ footprints, runsPerDay: 10_000, days: 90, pricePerGb: 0.1 })
  t.strictSame(table, { table: 'runs', days: 90, bytes_per_run: 1_250, raw_bytes: 9e9, bytes: 1.125e9, monthly_cost_usd: 0.1125 })
})

t.test('a table that keeps rows for a shorter time takes only these', async t => {
  const tables = planStorage({
    footprints: [
      { table: 'small', raw_bytes_per_run: 30, bytes_per_run: 10, days: undefined },
      { table: 'short', raw_bytes_per_run: 300, bytes_per_run: 100, days: 7 },
      { table: 'long', raw_bytes_per_run: 60, bytes_per_run: 20, days: 365 }
    ],
    runsPerDay: 10,
    days: 30,
    pricePerGb: 1
  })
  t.strictSame(tables.map(({ table, days, bytes }) => [table, days, bytes]), [['short', 7, 7_000], ['long', 30, 6_000], ['small', 30, 3_000]])
  t.match(planTotal(tables), { table: 'total', days: 30, bytes_per_run: 130, raw_bytes: 48_000, bytes: 16_000 })
  t.ok(Math.abs(planTotal(tables).monthly_cost_usd - 16e-6) < 1e-12)
  t.match(planTotal([]), { days: 0, bytes: 0 })
})

t.test('what a table keeps for a shorter time is of the runs of that time', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  const { engine, rows } = store
  const days = (count: number): bigint => NOW_NS - BigInt(count) * 86_400_000_000_000n
  for (const start of [days(100), days(50), days(0)]) {
    for (let index = 0; index < 10; index++) rows.write('run_metrics', runRow({ run_start_ns: start }))
  }
  for (let index = 0; index < 10; index++) rows.write('provider_trace_payloads', payloadRow({ id: `call-${index}` }))
  await rows.flush()
  // Twice the time of runs: half of it is theirs.
  await engine.insert('llm_minutes', JSON.stringify({ minute: Math.floor(Number(days(700) / 1_000_000_000n)), calls: '1' }), 1)
  const bytesOf = new Map((await tableStatus(engine)).map(({ table, bytes }) => [table, bytes]))
  const footprints = new Map((await measureFootprints(engine)).map(footprint => [footprint.table, footprint]))
  t.equal(footprints.get('run_metrics')!.bytes_per_run, bytesOf.get('run_metrics')! / 30)
  t.equal(footprints.get('provider_trace_payloads')!.bytes_per_run, bytesOf.get('provider_trace_payloads')! / 10)
  const share = footprints.get('llm_minutes')!.bytes_per_run * 30 / bytesOf.get('llm_minutes')!
  t.ok(Math.abs(share - 365 / 700) < 0.01, String(share))
})
