import t from 'tap'
import { jsonLines, SAMPLE } from '../../fixtures/sample-telemetry.ts'
import { openSampleStore, SAMPLE_START } from '../../store/sample-store.ts'
import { apiHost, ask } from '../host.ts'

const from = new Date(Number(SAMPLE_START / 1_000_000n)).toISOString()
const to = new Date(Number(SAMPLE_START / 1_000_000n) + 3_600_000).toISOString()

t.test('requests are the same numbers out of minutes and out of spans', async t => {
  const store = await openSampleStore(t)
  const app = await apiHost(t, { store })
  for (const precision of ['minutes', 'spans']) {
    // 2 organizations with 2 agents of 10 runs each, the last of which fails.
    const { rows: [all] } = await ask(app, 'requests', { from, to, precision })
    t.match(all, { requests: 40, errors: 4, error_rate: 0.1, status_2xx: 36, status_5xx: 4, status_4xx: 0, requests_per_second: 40 / 3_600, maximum_ms: 20_000, time_share: 1 }, precision)
    t.ok(Math.abs(all!['p50_ms'] as number - 11_000) <= 1_000, 'the median of 2, 4 … 20 seconds')

    const { rows } = await ask(app, 'requests', { from, to, precision, bucket_seconds: '300' })
    t.strictSame(rows.map(({ requests, errors }) => [requests, errors]), [[20, 0], [20, 4]], `${precision} over time`)
    t.equal(rows[1]!['time'], new Date(Date.parse(from) + 300_000).toISOString().replace('Z', '000000Z'))

    const { rows: [route, ...others] } = await ask(app, 'requests', { from, to, precision, by: 'route' })
    t.match(route, { method: 'POST', route: SAMPLE.route, requests: 40 })
    t.strictSame(others, [])
    t.strictSame((await ask(app, 'requests', { from, to, precision, service: 'other' })).rows, [])
    t.strictSame((await ask(app, 'requests', { from, to, precision, method: 'GET' })).rows, [])
  }
  const { rows: seconds } = await ask(app, 'requests', { from, to, precision: 'spans', bucket_seconds: '1' })
  t.equal(seconds.length, 10)
  const bare = { Timestamp: from.replace('T', ' ').replace('Z', ''), TraceId: 'e'.repeat(32), SpanId: 'e'.repeat(16), SpanKind: 'Server', ServiceName: 'bare', SpanAttributes: { 'http.request.method': 'GET' }, Duration: 1e6 }
  await store.engine.insert('otel_traces', jsonLines([bare]), 1)
  for (const precision of ['minutes', 'spans']) {
    const { rows } = await ask(app, 'requests', { from, to, precision, by: 'route', route: '(no route)' })
    t.match(rows, [{ method: 'GET', route: '', requests: 1 }])
    t.equal(rows.length, 1, 'only those without a route')
  }
})
