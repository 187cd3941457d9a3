import { context, createContextKey, ROOT_CONTEXT, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CBaggagePropagator } from '@opentelemetry/core'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LettaOtelOptions } from '../../lib/options.ts'
import { freeGlobals } from '../../lib/runtime/globals.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { otlpReceiver, otlpSpans } from '../fixtures/otlp-receiver.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const FREE = { traces: true, metrics: true, context: true, propagation: true }
const TAKEN = { traces: false, metrics: false, context: false, propagation: false }

let problems: string[] = []
t.beforeEach(() => { problems = [] })

function start (t: Test, options: LettaOtelOptions = {}, env: Record<string, string> = {}): Runtime {
  useEnvironment(env)
  const runtime = new Runtime(runtimeOptions({ destination: 'memory', instrumentations: false, ...options }, env), problem => { problems.push(problem) })
  t.teardown(async () => { await runtime.shutdown(0) })
  return runtime
}

t.test('it serves the whole process, until it is shut down', async t => {
  const runtime = start(t)
  t.strictSame(freeGlobals(), TAKEN)
  trace.getTracer('app').startActiveSpan('outer', outer => {
    trace.getTracer('app').startSpan('inner').end()
    outer.end()
  })
  metrics.getMeter('app').createCounter('things').add(2)
  const [inner, outer] = runtime.memory!.finishedSpans()
  t.strictSame([inner?.name, outer?.name, inner?.parentSpanId], ['inner', 'outer', outer?.spanId])
  t.match(await runtime.memory!.metrics(), [{ name: 'things', points: [{ value: 2 }] }])
  t.strictSame(propagation.fields(), ['traceparent', 'tracestate', 'baggage'])
  t.equal(await runtime.shutdown(1_000), true)
  t.strictSame(freeGlobals(), FREE)
  trace.getTracer('app').startSpan('after').end()
  t.equal(runtime.memory!.finishedSpans().length, 2)
})

t.test('context is carried over awaits and timers', async t => {
  start(t)
  const key = createContextKey('x')
  await context.with(ROOT_CONTEXT.setValue(key, 'mine'), async () => {
    await new Promise(resolve => setTimeout(resolve, 1))
    t.equal(context.active().getValue(key), 'mine')
  })
})

t.test('quicker instruments are for metrics that the fast engine exports', async t => {
  const fast = { engine: 'fast', destination: 'otlp', endpoint: 'http://127.0.0.1:9' } as const
  const env = { LETTA_DIR: lettaDirectory() }
  const runtime = start(t, fast, env)
  t.ok(runtime.seriesMeter('app'))
  t.equal(runtime.seriesMeter('app'), runtime.seriesMeter('app'))
  await runtime.shutdown(0)

  const sdk = start(t)
  t.equal(sdk.seriesMeter('app'), undefined)
  await sdk.shutdown(0)

  const off = start(t, fast, { ...env, OTEL_METRICS_EXPORTER: 'none' })
  t.equal(off.seriesMeter('app'), undefined)
  await off.shutdown(0)

  metrics.setGlobalMeterProvider(new MeterProvider())
  t.teardown(() => { metrics.disable() })
  t.equal(start(t, fast, env).seriesMeter('app'), undefined, 'the application has a meter provider of its own')
})

t.test('what it is about, for Datadog', async t => {
  t.strictSame(start(t, { serviceName: 'a', serviceVersion: '1', environment: 'staging' }).service, { service: 'a', env: 'staging', version: '1' })
})

t.test('propagators, sampler and span limits of the environment', async t => {
  const runtime = start(t, {}, { OTEL_PROPAGATORS: 'none', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3' })
  t.strictSame(freeGlobals(), { ...TAKEN, propagation: true })
  runtime.tracerProvider.getTracer('x').startSpan('a', { attributes: { first: 'abcdef', second: 'x' } }).end()
  t.strictSame(runtime.memory!.finishedSpans()[0]?.attributes, { first: 'abc' })
  await runtime.shutdown(1_000)

  const off = start(t, {}, { OTEL_TRACES_SAMPLER: 'always_off' })
  off.tracerProvider.getTracer('x').startSpan('a').end()
  t.strictSame(off.memory!.finishedSpans(), [])
  await off.shutdown(1_000)

  const b3 = start(t, {}, { OTEL_PROPAGATORS: 'b3,xray' })
  t.strictSame(propagation.fields(), ['b3'])
  t.strictSame(problems, ['environment variable OTEL_PROPAGATORS: "xray" is ignored; use tracecontext, baggage, b3, b3multi or none'])
  await b3.shutdown(1_000)
})

t.test('providers of the application stay, and are what telemetry goes through', async t => {
  const ended: ReadableSpan[] = []
  const tracerProvider = new TracerProvider({
    spanProcessors: [{ onStart () {}, onEnd: span => { ended.push(span) }, async forceFlush () {}, async shutdown () {} }]
  })
  const meterProvider = new MeterProvider()
  trace.setGlobalTracerProvider(tracerProvider)
  metrics.setGlobalMeterProvider(meterProvider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CBaggagePropagator())
  t.teardown(() => {
    for (const api of [trace, metrics, context, propagation]) api.disable()
  })
  const runtime = start(t)
  t.equal(runtime.meterProvider, meterProvider)
  runtime.tracerProvider.getTracer('x').startSpan('theirs').end()
  t.strictSame(ended.map(({ name }) => name), ['theirs'])
  t.strictSame(runtime.memory!.finishedSpans(), [])
  t.strictSame(propagation.fields(), ['baggage'])
  await runtime.shutdown(1_000)
  t.strictSame(freeGlobals(), TAKEN)
  runtime.tracerProvider.getTracer('x').startSpan('still theirs').end()
  t.equal(ended.length, 2)
})

t.test('the log file is opened when it is asked for', async t => {
  const directory = temporaryDirectory(t)
  const runtime = start(t, {}, { LETTA_DIR: directory })
  t.equal(runtime.logFile, runtime.logFile)
  runtime.logFile.open({}).read('line\n')
  t.equal(await runtime.flush(20_000), true)
  t.match(readFileSync(join(directory, 'logs/Letta.log'), 'utf8'), /^\{.*"message":"line"\}\n$/)
  await runtime.shutdown(1_000)
})

t.test('a log file that cannot be written is reported, and its bytes are counted', async t => {
  const runtime = start(t, {}, { LETTA_DIR: join(temporaryDirectory(t, { file: '' }), 'file') })
  t.equal(runtime.stats.logFileDroppedBytes, 0)
  runtime.logFile.open({}).read('ü345\n')
  await runtime.flush(20_000)
  t.equal(runtime.stats.logFileDroppedBytes, 6)
  t.match(problems, [/^log lines cannot be written to .*\/logs\/Letta\.log: ENOTDIR/])
})

t.test('destination none keeps nothing and flushes at once', async t => {
  const runtime = start(t, { destination: 'none' })
  runtime.tracerProvider.getTracer('x').startSpan('a').end()
  t.equal(runtime.memory, undefined)
  t.equal(runtime.location, 'nowhere')
  t.equal(await runtime.flush(1_000), true)
})

t.test('an export that is refused is counted and reported, and flush says that something did not leave', async t => {
  const receiver = await otlpReceiver(response => { response.writeHead(400).end() })
  t.teardown(async () => { await receiver.close() })
  const runtime = start(t, { engine: 'sdk', destination: 'otlp', endpoint: receiver.url })
  for (const name of ['a', 'b', 'c']) runtime.tracerProvider.getTracer('x').startSpan(name).end()
  runtime.meterProvider.getMeter('x').createCounter('things').add(1)
  t.equal(await runtime.flush(5_000), false)
  t.match(runtime.stats, { spans: { exported: 0, failed: 3 }, metrics: { exported: 0, failed: 1 }, logFileDroppedBytes: 0 })
  const tail = `cannot be exported to ${receiver.url} (400): see that it is reachable and accepts OTLP over HTTP; this is said once`
  t.strictSame(problems.sort(), [`metrics ${tail}`, `spans ${tail}`])
})

t.test('an endpoint that is not there', async t => {
  const receiver = await otlpReceiver()
  await receiver.close()
  const runtime = start(t, { engine: 'sdk', destination: 'otlp', endpoint: receiver.url }, { OTEL_EXPORTER_OTLP_TIMEOUT: '100' })
  runtime.tracerProvider.getTracer('x').startSpan('a').end()
  t.equal(await runtime.flush(5_000), false)
  t.match(runtime.stats.spans, { exported: 0, failed: 1 })
  t.match(problems.sort().at(-1), `spans cannot be exported to ${receiver.url} (ECONNREFUSED): see that`)
})

t.test('an endpoint that never answers: flush gives up in time, and nothing is thrown', async t => {
  const receiver = await otlpReceiver(() => {})
  t.teardown(async () => { await receiver.close() })
  const runtime = start(t, { destination: 'otlp', endpoint: receiver.url }, { OTEL_EXPORTER_OTLP_TIMEOUT: '500', LETTA_DIR: lettaDirectory() })
  runtime.tracerProvider.getTracer('x').startSpan('a').end()
  const begun = performance.now()
  t.equal(await runtime.flush(50), false)
  t.ok(performance.now() - begun < 400)
  t.equal(await runtime.shutdown(50), true, 'it is on the disk')
})

t.test('what is already on its way when flush is called counts too', async t => {
  const answers: ServerResponse[] = []
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const receiver = await otlpReceiver(response => {
    answers.push(response)
    resolve()
  })
  t.teardown(async () => { await receiver.close() })
  const runtime = start(t, { destination: 'otlp', endpoint: receiver.url, exportIntervalMs: 1, engine: 'sdk' }, { OTEL_METRICS_EXPORTER: 'none' })
  runtime.tracerProvider.getTracer('x').startSpan('a').end()
  await asked
  t.equal(await runtime.flush(50), false, 'nobody answered yet')
  const flushed = runtime.flush(5_000)
  answers[0]?.end('{}')
  t.equal(await flushed, true)
  t.match(runtime.stats.spans, { exported: 1, failed: 0 })
  t.equal(otlpSpans(receiver.received[0]?.json).length, 1)
})

t.test('spans and metrics leave by themselves', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const runtime = start(t, { destination: 'otlp', endpoint: receiver.url, exportIntervalMs: 10 })
  runtime.tracerProvider.getTracer('x').startSpan('a').end()
  runtime.meterProvider.getMeter('x').createCounter('things').add(1)
  await Promise.all([receiver.next('/v1/traces'), receiver.next('/v1/metrics')])
  t.pass()
})
