import Fastify from 'fastify'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { trace } from '@opentelemetry/api'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { isStanding } from '../fixtures/self-metrics.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Serves a few requests and gives the OTLP that the engine left in files. */
async function telemetryFiles (directory: string, options: LettaOtelOptions): Promise<{ traces: any[], metrics: any[] }> {
  useEnvironment({ LETTA_DIR: directory })
  const app = Fastify()
  await app.register(lettaOtel, {
    destination: 'files',
    serviceName: 'same',
    resourceAttributes: { 'service.instance.id': 'same' },
    captureBody: ['model'],
    contextHeaders: { 'x-organization-id': 'organization.id' },
    trustIncoming: request => request.headers['x-trusted'] !== undefined,
    ...options
  })
  const tracer = trace.getTracer('the application', '1.0')
  app.get('/agents/:id', async () => tracer.startActiveSpan('work', { attributes: { list: [1, 2.5], yes: true } }, span => {
    span.addEvent('half', { n: 1 })
    span.end()
    return { ok: true }
  }))
  app.post('/agents', async () => { throw Object.assign(new TypeError('no'), { stack: 'TypeError: no\n    at nowhere' }) })
  app.get('/stream', async (_request, reply) => await reply.type('text/event-stream').send(Readable.from(['a', 'b'])))
  await app.inject({ url: '/agents/1?token=secret', headers: { traceparent: TRACEPARENT, tracestate: 'a=1', 'x-trusted': 'yes', 'x-organization-id': 'org' } })
  await app.inject({ url: '/agents/2', headers: { traceparent: TRACEPARENT } })
  await app.inject({ method: 'POST', url: '/agents', payload: { model: 'm', secret: 's' } })
  await app.inject({ url: '/stream' })
  await app.inject({ url: '/nowhere' })
  await app.close()
  const read = (name: string): any[] => readFileSync(join(directory, 'logs', name), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))
  return { traces: read('traces.json'), metrics: read('metrics.json') }
}

/** A time, an id, or a duration is of one run. */
function comparable (value: unknown, key = ''): unknown {
  if (/UnixNano$/.test(key)) return typeof value
  if (/^(?:trace|span|parentSpan)Id$/.test(key)) return TRACEPARENT.includes(value as string) ? value : /^[0-9a-f]+$/.test(value as string)
  if (['sum', 'min', 'max', 'bucketCounts', 'exemplars', 'flags'].includes(key) && typeof value !== 'number') return typeof value
  if (Array.isArray(value)) return value.map(item => comparable(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([name, item]) => [name, item?.key === 'letta.ttfb_ms' ? 'a time' : comparable(item, name)]))
}

const byText = (items: unknown[]): unknown[] => items.map(item => JSON.stringify(item)).sort().map(item => JSON.parse(item) as unknown)

/** The order of attributes means nothing. */
function spansOf (requests: any[]): unknown[] {
  return byText(requests.flatMap(({ resourceSpans }) => resourceSpans).flatMap(({ resource, scopeSpans }) => scopeSpans
    .flatMap(({ scope: { name, version }, spans }: any) => spans.map((span: any) => comparable({
      resource, name, version, span: { ...span, attributes: byText(span.attributes.filter(({ key }: any) => key !== 'letta.ttfb_ms')) }
    })))))
}

/** Which series there are, and how often each was recorded; how long a request took is no two times the same. */
function seriesOf (requests: any[]): unknown[] {
  return byText(requests.flatMap(({ resourceMetrics }) => resourceMetrics).flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics).filter(metric => !isStanding(metric)).flatMap(({ name, unit, sum, histogram }) => (sum ?? histogram).dataPoints
      .map(({ attributes, count, asInt, asDouble, explicitBounds }: any) => ({ name, unit, attributes: byText(attributes), count, value: asInt ?? asDouble, explicitBounds }))))
}

t.test('the same requests leave the same in files, whichever engine records', async t => {
  const run = async (engine: 'fast' | 'sdk'): Promise<{ spans: unknown[], series: unknown[] }> => {
    const directory = join(t.testdirName, engine)
    mkdirSync(directory, { recursive: true })
    const { traces, metrics } = await telemetryFiles(directory, { engine })
    return { spans: spansOf(traces), series: seriesOf(metrics) }
  }
  temporaryDirectory(t)
  const fast = await run('fast')
  t.equal(fast.spans.length, 7)
  t.ok(fast.series.length > 5)
  t.strictSame(fast, await run('sdk'))
})

t.test('nowhere: nothing is kept, and ids are there for log lines', async t => {
  for (const engine of ['fast', 'sdk'] as const) {
    useEnvironment({ LETTA_DIR: lettaDirectory() })
    const app = Fastify()
    await app.register(lettaOtel, { engine, destination: 'none' })
    app.get('/', async request => request.telemetry.traceId)
    t.match((await app.inject('/')).payload, /^[0-9a-f]{32}$/)
    t.equal(await app.telemetry.flush(), true)
    t.match(app.telemetry.stats(), { spans: { exported: 0, failed: 0 } })
    await app.close()
  }
})
