import { metrics } from '@opentelemetry/api'
import { InstrumentationBase, type Instrumentation } from '@opentelemetry/instrumentation'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import Fastify from 'fastify'
import t from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { ServerMetrics, type ObservedServer } from '../../lib/runtime/server-metrics.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { otlpMetrics, otlpReceiver } from '../fixtures/otlp-receiver.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { isSelfMetric } from '../fixtures/self-metrics.ts'

class Reader extends MetricReader {
  async onShutdown (): Promise<void> {}
  async onForceFlush (): Promise<void> {}
}

const SERVER = ['http.server.active_requests', 'in_flight_foreground', 'sse_active_sessions']
const EVENT_LOOP = [
  ...['max', 'mean', 'min', 'p50', 'p90', 'p99', 'stddev'].map(statistic => `nodejs.eventloop.delay.${statistic}`),
  'nodejs.eventloop.time', 'nodejs.eventloop.utilization'
]

// Before any of the others, whose runtime keeps the global provider.
t.test('a provider of the application\'s is told of requests alone', async t => {
  const reader = new Reader()
  const provider = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(provider)
  const runtime = new Runtime(runtimeOptions({ destination: 'otlp', instrumentations: false }), () => {})
  t.teardown(async () => {
    metrics.disable()
    await Promise.all([runtime.shutdown(0), provider.shutdown()])
  })
  t.equal(runtime.recordsMetrics, true)
  runtime.observeServer([{ method: 'GET', scheme: 'https', isEventStream: false }])
  const { resourceMetrics: { scopeMetrics } } = await reader.collect()
  t.strictSame(scopeMetrics.flatMap(scope => scope.metrics).map(({ descriptor: { name } }) => name), SERVER)
})

/** For all of them: a runtime that another replaces still sends what it has. */
const receiver = await otlpReceiver()
t.teardown(receiver.close)

/** Names of what leaves an application that is asked for once, with how many points each has. */
async function exported (options: LettaOtelOptions): Promise<Record<string, number>> {
  useEnvironment({ LETTA_DIR: lettaDirectory() })
  let points: Record<string, number> = {}
  // The second joins the runtime of the first, which has let go of it.
  for (let round = 0; round < 2; round++) {
    const app = Fastify()
    await app.register(lettaOtel, { endpoint: receiver.url, serviceName: 'test', instrumentations: false, ...options })
    app.get('/', async () => {
      // Whatever is asked while a request is served knows of it.
      await new Promise(resolve => { setTimeout(resolve, 25) })
      await app.telemetry.flush()
      return 'ok'
    })
    const before = receiver.received.length
    await app.inject('/')
    points = Object.fromEntries(receiver.received.slice(before).filter(({ path }) => path === '/v1/metrics').flatMap(({ json }) => otlpMetrics(json))
      .filter(metric => !isSelfMetric(metric))
      .map(({ name, gauge, sum, histogram }) => [name, (gauge ?? sum ?? histogram).dataPoints.length]).sort())
    await app.close()
  }
  return points
}

t.test('the same leaves with either engine, once for a process', async t => {
  const fast = await exported({ engine: 'fast' })
  t.strictSame(Object.keys(fast), [...SERVER, ...EVENT_LOOP].sort())
  t.equal(fast['nodejs.eventloop.time'], 2, 'active and idle')
  t.strictSame(await exported({ engine: 'sdk' }), fast)
})

t.test('an instrumentation of the runtime that was brought has its names for itself', async t => {
  class RuntimeInstrumentation extends InstrumentationBase {
    constructor () { super('@opentelemetry/instrumentation-runtime-node', '1.0.0', {}) }
    override init (): [] { return [] }
  }
  t.strictSame(Object.keys(await exported({ instrumentations: [new RuntimeInstrumentation() as Instrumentation] })).filter(name => name.startsWith('nodejs')), [])
})

t.test('the event loop is watched while there is a server', async t => {
  const watched: string[] = []
  const serverMetrics = new ServerMetrics(new MeterProvider().getMeter('test'), () => {
    watched.push('start')
    return () => { watched.push('stop') }
  })
  const server: ObservedServer = []
  const [stopFirst, stopSecond] = [serverMetrics.observe(server), serverMetrics.observe([])]
  stopFirst()
  stopFirst()
  t.strictSame(watched, ['start'])
  stopSecond()
  t.strictSame(watched, ['start', 'stop'])
  serverMetrics.observe(server)()
  t.strictSame(watched, ['start', 'stop', 'start', 'stop'])
})
