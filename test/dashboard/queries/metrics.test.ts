import t from 'tap'
import { openStore } from '../../../lib/store/open-store.ts'
import { generate } from '../generated.ts'
import { METRICS } from '../generated-metrics.ts'
import { apiHost, ask } from '../host.ts'

t.test('metrics are what was generated', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  const { start, broken } = await generate(store.engine, { large: 10 })
  const app = await apiHost(t, { store })
  const from = new Date(start).toISOString()
  const to = new Date(start + 10 * 60_000).toISOString()
  const asked = (metric: string, more: Record<string, string> = {}) => ({ from, to, metric, ...more })
  const { gauge, counter, histogram, exponential } = METRICS

  const { rows: list } = await ask(app, 'metrics', { from, to })
  t.match(list.find(row => row['metric'] === counter.name), { type: 'sum', unit: '{job}', monotonic: true, points: 20, series: 2 })
  t.match(list.find(row => row['metric'] === histogram.name), { type: 'histogram', unit: 'ms', points: 10, series: 1 })
  t.match(list.find(row => row['metric'] === exponential.name), { type: 'exponential_histogram' })

  t.match((await ask(app, 'metric-attributes', asked(counter.name))).rows, [{ attribute: 'kind', values: 2, examples: 'export, import' }])
  const gauges = (await ask(app, 'metric-gauge', asked(gauge.name, { group: 'state', bucket_seconds: '60' }))).rows
  t.equal(gauges.length, 20)
  t.ok(gauges.every(row => (row['minimum'] as number) > 0), 'points without a value are left out')
  t.match(gauges[0], { time: from.replace('Z', '000000Z'), group_value: 'idle', average: 3, minimum: 3, maximum: 3 })
  t.match((await ask(app, 'metric-gauge', asked(gauge.name, { attributes: 'state=used', bucket_seconds: '3600' }))).rows, [{ group_value: '', average: 7 }])

  const rates = (await ask(app, 'metric-rate', asked(counter.name, { group: 'kind', bucket_seconds: '60' }))).rows
  t.equal(rates.length, 20)
  t.ok(rates.every(row => row['increase'] === 60 && row['per_second'] === 1), 'cumulative values are taken apart')
  const late = (await ask(app, 'metric-rate', { ...asked(counter.name, { bucket_seconds: '60' }), from: new Date(start + 5 * 60_000).toISOString() })).rows
  t.strictSame(late.map(row => row['increase']), [0, 120, 120, 120, 120], 'what was counted before the time is not of it')

  const over = (await ask(app, 'metric-distribution', asked(histogram.name, { bucket_seconds: '60' }))).rows
  t.strictSame(over.map(row => [row['measurements'], row['average']]), Array.from({ length: 10 }, () => [10, 14]))
  t.strictSame((await ask(app, 'metric-distribution', asked(exponential.name, { bucket_seconds: '60' }))).rows.map(row => row['measurements']), Array.from({ length: 10 }, () => 5))

  const map = (await ask(app, 'metric-heatmap', asked(histogram.name, { bucket_seconds: '3600' }))).rows.map(row => [row['upper'], row['measurements']])
  t.same(sumsOf(map), { 10: 80, 100: 20 })
  t.same(sumsOf((await ask(app, 'metric-heatmap', asked(exponential.name, { bucket_seconds: '60' }))).rows.map(row => [row['upper'], row['measurements']])), { 4: 40, 8: 10 })

  const exemplars = (await ask(app, 'metric-exemplars', asked(histogram.name))).rows
  t.strictSame(exemplars.map(row => [row['value'], row['trace_id']]), [[50, broken.traceId]], 'those without a trace are left out')
  t.match((await ask(app, 'pipeline', { from: '-1h' })).rows, [
    { signal: 'spans', sent: 340, received: 5_400, refused: 3, refused_requests: 0, dropped: 2 },
    { signal: 'log records', sent: null, received: null, refused: null },
    { signal: 'data points', received: null, refused: 0, refused_requests: 4, dropped: 1 }
  ])
})

function sumsOf (rows: unknown[][]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [upper, count] of rows) sums[String(upper)] = (sums[String(upper)] ?? 0) + (count as number)
  return sums
}
