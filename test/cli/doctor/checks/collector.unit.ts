import t, { type Test } from 'tap'
import { checkCollectorHealth } from '../../../../lib/cli/doctor/checks/collector-health.ts'
import { checkCollectorQueue } from '../../../../lib/cli/doctor/checks/collector-queue.ts'
import { usualAddresses } from '../../../../lib/collector/read-collector.ts'
import type { Inspection } from '../../../../lib/cli/doctor/inspection.ts'
import { inspect, nobody, serve } from '../inspect.ts'

const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }

async function collector (t: Test, { status = 200, metrics = '' } = {}): Promise<Inspection> {
  const url = await serve(t, (request, response) => {
    if (request.url === '/metrics') response.end(metrics)
    else response.writeHead(status).end()
  })
  return inspect(env, { collector: { health: `${url}/`, metrics: `${url}/metrics` } })
}

t.test('what it says of itself', async t => {
  t.match(await checkCollectorHealth(await collector(t)), { status: 'ok' })
  t.match(await checkCollectorHealth(await collector(t, { status: 503 })), { status: 'failure', found: /answered 503/, advice: /log of the collector/ })
})

t.test('a collector that is not there', async t => {
  const url = await nobody()
  t.match(await checkCollectorHealth(inspect(env, { collector: { health: url, metrics: url } })), { status: 'failure', found: /refuses connections/ }, 'somebody named it')
  t.match(await checkCollectorQueue(inspect(env, { collector: { health: url, metrics: url } })), { status: 'failure', found: /refuses connections/ })
  t.match(await checkCollectorQueue(inspect(env)), { status: 'skipped' }, 'nobody named it')
  const hanging = await serve(t, () => {})
  t.match(await checkCollectorHealth(inspect(env, { collector: { health: hanging, metrics: hanging }, timeoutMs: 100 })), { status: 'failure', found: /does not answer \(ETIMEDOUT\)$/ })
  t.match(await checkCollectorQueue(inspect(env, { collector: { metrics: hanging }, timeoutMs: 100 })), { status: 'failure', found: /does not answer/ })
  t.match(await checkCollectorHealth(inspect({})), { status: 'skipped' })
  const endpoint = 'https://user:s3cret@collector.example:4318/v1/traces?key=s3cret'
  t.strictSame(usualAddresses(endpoint, {}), { health: 'http://collector.example:13133/', metrics: 'http://collector.example:8888/metrics' })
  t.strictSame(usualAddresses(endpoint, { LETTA_OTELCOL_HEALTH_PORT: '1', LETTA_OTELCOL_METRICS_PORT: '2' }),
    { health: 'http://collector.example:1/', metrics: 'http://collector.example:2/metrics' })
  t.strictSame(usualAddresses(endpoint, { LETTA_OTELCOL_HEALTH_PORT: 'health', LETTA_OTELCOL_METRICS_PORT: ' ' }), usualAddresses(endpoint, {}))
})

t.test('what it passes on', async t => {
  const queue = (size: number): string => `otelcol_exporter_queue_size{data_type="traces",exporter="clickhouse"} ${size}\notelcol_exporter_queue_capacity{data_type="traces",exporter="clickhouse"} 1000\n`
  const look = async (metrics: string): Promise<unknown> => await checkCollectorQueue(await collector(t, { metrics }))
  t.match(await look(queue(3)), { status: 'ok', found: 'the fullest queue, clickhouse traces, is 0.3 % full; since it started: 0 refused, 0 not taken by a back end, 0 without room in a queue' })
  t.match(await look(queue(801)), { status: 'warning', found: /is 80.1 % full/, advice: /does not keep up/ })
  t.match(await look(queue(1000)), { status: 'failure', advice: /is refused/ })
  t.match(await look(`${queue(0)}otelcol_exporter_send_failed_spans_total{exporter="clickhouse"} 7\n`), { status: 'warning', found: /7 not taken by a back end/, advice: /are lost/ })
  t.match(await look(`${queue(0)}otelcol_receiver_refused_spans_total{receiver="otlp"} 12\n`), { status: 'warning', found: /12 refused/, advice: /memory/ })
  t.match(await look('otelcol_process_uptime{} 1\n'), { status: 'ok', found: /^no queues; / })
  t.match(await look('<html>\n'), { status: 'failure', found: /no metrics of a collector \(ENODATA\)$/ })
  const missing = await serve(t, (_request, response) => { response.writeHead(404).end() })
  t.match(await checkCollectorQueue(inspect(env, { collector: { health: missing, metrics: missing } })), { status: 'failure', found: /answered 404/ })
})
