import t from 'tap'
import { planStorage, planTotal } from '../../lib/store/plan.ts'

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
