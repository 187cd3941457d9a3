import t from 'tap'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { OtlpDestination } from '../../lib/runtime/otlp-destination.ts'
import type { LettaOtelOptions } from '../../lib/options.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { otlpAttributes, otlpMetrics, otlpReceiver, otlpSpans, type OtlpReceiver } from '../fixtures/otlp-receiver.ts'

const refuse = (problem: string): void => { throw new Error(problem) }

/** Records one span and one measurement, and sends them. */
async function send (options: LettaOtelOptions, env: Record<string, string>): Promise<Runtime> {
  useEnvironment(env)
  const runtime = new Runtime(runtimeOptions({ engine: 'sdk', destination: 'otlp', instrumentations: false, ...options }, env), refuse)
  runtime.tracerProvider.getTracer('test').startSpan('work', { attributes: { n: 1 } }).end()
  runtime.meterProvider.getMeter('test').createCounter('things').add(3)
  if (!await runtime.shutdown(5_000)) throw new Error('not everything left in time')
  return runtime
}

const paths = ({ received }: OtlpReceiver): string[] => received.map(({ path }) => path).sort()

t.test('JSON: traces and metrics, each to its path, with the headers', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const runtime = await send({ endpoint: receiver.url, headers: { 'api-key': 'hunter2' }, serviceName: 'sender' }, {})
  t.equal(runtime.location, receiver.url)
  t.strictSame(paths(receiver), ['/v1/metrics', '/v1/traces'])
  for (const { headers } of receiver.received) t.match(headers, { 'api-key': 'hunter2', 'content-type': 'application/json' })

  const { json: traces } = await receiver.next('/v1/traces')
  t.match(otlpAttributes(traces.resourceSpans[0].resource), { 'service.name': 'sender' })
  t.match(otlpSpans(traces), [{ name: 'work', kind: 1, traceId: /^[0-9a-f]{32}$/, attributes: [{ key: 'n', value: { intValue: 1 } }] }])
  const { json: metrics } = await receiver.next('/v1/metrics')
  t.match(otlpMetrics(metrics), [{ name: 'things', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ asDouble: 3 }] } }])
  t.match(runtime.stats, { spans: { exported: 1, failed: 0 }, metrics: { exported: 1, failed: 0 }, logFileDroppedBytes: 0 })
})

t.test('protobuf by the environment, for both signals or for one', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  await send({ endpoint: receiver.url }, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' })
  const traces = await receiver.next('/v1/traces')
  t.equal(traces.headers['content-type'], 'application/x-protobuf')
  t.ok(traces.body.includes('work'))
  t.equal((await receiver.next('/v1/metrics')).headers['content-type'], 'application/json')

  const both = await otlpReceiver()
  t.teardown(async () => { await both.close() })
  await send({ endpoint: both.url }, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' })
  t.strictSame(both.received.map(({ headers }) => headers['content-type']), ['application/x-protobuf', 'application/x-protobuf'])
})

t.test('an endpoint is a base: its path and query are kept', async t => {
  for (const [suffix, prefix, query] of [['/otlp', '/otlp', ''], ['/otlp/', '/otlp', ''], ['/', '', ''], ['/a/b?tenant=7', '/a/b', '?tenant=7']] as const) {
    const receiver = await otlpReceiver()
    await send({ endpoint: `${receiver.url}${suffix}` }, {})
    t.strictSame(paths(receiver), [`${prefix}/v1/metrics${query}`, `${prefix}/v1/traces${query}`], suffix)
    await receiver.close()
  }
})

t.test('the standard variables: endpoint, endpoints of each signal, headers', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const runtime = await send({}, { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/base/`, OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b,x=1' })
  t.strictSame(paths(receiver), ['/base/v1/metrics', '/base/v1/traces'])
  t.match(receiver.received[0]?.headers, { 'api-key': 'a b', x: '1' })
  t.equal(runtime.location, `${receiver.url}/base/`)

  const other = await otlpReceiver()
  t.teardown(async () => { await other.close() })
  const apart = await send({}, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${other.url}/traces`,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${other.url}/metrics`,
    LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url
  })
  t.strictSame(paths(other), ['/metrics', '/traces'])
  t.equal(apart.location, 'the OTLP endpoint of the environment')
})

t.test('Letta\'s variable, and an option that wins over all of them', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  await send({}, { LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/letta` })
  t.strictSame(paths(receiver), ['/letta/v1/metrics', '/letta/v1/traces'])
  const other = await otlpReceiver()
  t.teardown(async () => { await other.close() })
  await send({ endpoint: other.url, headers: { x: 'option' } }, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x=environment,y=environment',
    LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url
  })
  t.strictSame(paths(other), ['/v1/metrics', '/v1/traces'])
  t.match(other.received[0]?.headers, { x: 'option', y: 'environment' })
})

t.test('compression of the environment', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  await send({ endpoint: receiver.url }, { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' })
  const { headers, json } = await receiver.next('/v1/traces')
  t.equal(headers['content-encoding'], 'gzip')
  t.equal(otlpSpans(json).length, 1)
})

t.test('temporality', async t => {
  for (const [temporality, number] of [['delta', 1], ['cumulative', 2]] as const) {
    const receiver = await otlpReceiver()
    await send({ endpoint: receiver.url, temporality }, {})
    t.equal(otlpMetrics((await receiver.next('/v1/metrics')).json)[0].sum.aggregationTemporality, number)
    await receiver.close()
  }
})

t.test('a signal that the environment turns off stays here', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  await send({ endpoint: receiver.url }, { OTEL_TRACES_EXPORTER: 'none' })
  t.strictSame(paths(receiver), ['/v1/metrics'])
  await send({ endpoint: receiver.url }, { OTEL_METRICS_EXPORTER: 'none' })
  t.strictSame(paths(receiver), ['/v1/metrics', '/v1/traces'])
})

t.test('its location shows no credentials', async t => {
  useEnvironment({})
  const location = (endpoint: string): string => new OtlpDestination(runtimeOptions({ endpoint })).location
  t.equal(location('http://me:hunter2@collector:4318/otlp?key=hunter2'), 'http://collector:4318/otlp')
  t.equal(location('http:\\\\me:hunter2@collector:4318'), 'http://collector:4318')
})
