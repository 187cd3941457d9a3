import { readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { otlpAttributes, otlpMetrics, otlpSpans } from '../fixtures/otlp-receiver.ts'
import { isStanding } from '../fixtures/self-metrics.ts'
import { figures } from '../fixtures/signal-stats.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

type EngineName = 'fast' | 'sdk'

/** Either engine writes the same files. */
function testBoth (name: string, run: (t: Test, engine: EngineName) => Promise<void>): void {
  for (const engine of ['fast', 'sdk'] as const) void t.test(`${engine}: ${name}`, async t => { await run(t, engine) })
}

function start (t: Test, engine: EngineName, directory: string, report: (problem: string) => void): Runtime {
  useEnvironment({ LETTA_DIR: directory })
  const runtime = new Runtime(runtimeOptions({ engine, destination: 'files', instrumentations: false, serviceName: 'writer' }, { LETTA_DIR: directory }), report)
  t.teardown(async () => { await runtime.shutdown(1_000) })
  return runtime
}

const refuse = (problem: string): void => { throw new Error(problem) }
const lines = (path: string): any[] => readFileSync(path, 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line))

testBoth('one OTLP JSON request a line, as the collector writes', async (t, engine) => {
  const directory = temporaryDirectory(t)
  const runtime = start(t, engine, directory, refuse)
  t.equal(runtime.location, join(directory, 'logs'))
  const tracer = runtime.tracerProvider.getTracer('test')
  tracer.startSpan('first', { attributes: { text: 'two\nlines' } }).end()
  runtime.meterProvider.getMeter('test').createHistogram('lengths', { unit: 'm', advice: { explicitBucketBoundaries: [1, 2] } }).record(1.5)
  t.equal(await runtime.flush(5_000), true)
  tracer.startSpan('second').end()
  t.equal(await runtime.flush(5_000), true)

  const traces = lines(join(directory, 'logs/traces.json'))
  t.equal(traces.length, 2)
  t.strictSame(traces.map(request => Object.keys(request)), [['resourceSpans'], ['resourceSpans']])
  t.equal(otlpAttributes(traces[0].resourceSpans[0].resource)['service.name'], 'writer')
  t.match(otlpSpans(traces[0]), [{
    traceId: /^[0-9a-f]{32}$/,
    spanId: /^[0-9a-f]{16}$/,
    name: 'first',
    startTimeUnixNano: /^\d{19}$/,
    attributes: [{ key: 'text', value: { stringValue: 'two\nlines' } }]
  }])
  t.equal(otlpSpans(traces[1])[0].name, 'second')

  const [first] = lines(join(directory, 'logs/metrics.json'))
  t.match(otlpMetrics(first).filter(metric => !isStanding(metric)), [{
    name: 'lengths', unit: 'm', histogram: { aggregationTemporality: 1, dataPoints: [{ count: 1, sum: 1.5, explicitBounds: [1, 2], bucketCounts: [0, 1, 0] }] }
  }])
  t.match(runtime.stats, { spans: { exported: 2, failed: 0 }, metrics: { failed: 0 }, logFileDroppedBytes: 0 })
})

t.test('self-metrics say that files are written, and name no server', async t => {
  const directory = temporaryDirectory(t)
  const runtime = start(t, 'fast', directory, refuse)
  runtime.tracerProvider.getTracer('test').startSpan('first').end()
  t.equal(await runtime.flush(5_000), true)
  t.equal(await runtime.flush(5_000), true)
  const [, second] = lines(join(directory, 'logs/metrics.json'))
  const exported = otlpMetrics(second).find(({ name }) => name === 'otel.sdk.exporter.span.exported')
  t.strictSame(exported.sum.dataPoints.map((point: any) => [otlpAttributes(point), point.asDouble ?? Number(point.asInt)]), [
    [{ 'otel.component.type': 'otlp_file_span_exporter', 'otel.component.name': 'otlp_file_span_exporter/0' }, 1]
  ])
})

testBoth('closing writes what is left', async (t, engine) => {
  const directory = temporaryDirectory(t)
  const runtime = start(t, engine, directory, refuse)
  runtime.tracerProvider.getTracer('test').startSpan('last').end()
  t.equal(await runtime.shutdown(5_000), true)
  t.equal(otlpSpans(lines(join(directory, 'logs/traces.json'))[0])[0].name, 'last')
})

testBoth('a folder that cannot be written: reported, counted, never thrown', async (t, engine) => {
  const directory = join(temporaryDirectory(t, { file: '' }), 'file')
  const problems: string[] = []
  const runtime = start(t, engine, directory, problem => { problems.push(problem) })
  for (const name of ['a', 'b']) {
    runtime.tracerProvider.getTracer('test').startSpan(name).end()
    runtime.meterProvider.getMeter('test').createCounter('things').add(1)
    t.equal(await runtime.flush(5_000), false)
  }
  t.match(runtime.stats.spans, { exported: 0, failed: 2 })
  // With the fast engine 14 points of self-metrics go along, and 2 more once there is something lost to tell of.
  t.match(runtime.stats.metrics, { exported: 0, failed: engine === 'fast' ? 2 + 14 + 16 : 2 })
  t.equal(new Set(problems).size, 1, 'one text, which the reporter says once')
  t.match(problems[0], /^telemetry cannot be written to .*\/file\/logs: ENOTDIR: not a directory, mkdir '.*\/file\/logs'\. Name another directory with LETTA_DIR$/)
})

testBoth('a file that cannot be written: counted, said once, and written again when it can be', async (t, engine) => {
  const directory = temporaryDirectory(t, { logs: { 'traces.json': {} } })
  const problems = new Set<string>()
  const runtime = start(t, engine, directory, problem => { problems.add(problem) })
  runtime.tracerProvider.getTracer('test').startSpan('lost').end()
  t.equal(await runtime.flush(5_000), false)
  t.strictSame(runtime.stats.spans, figures({ failed: 1 }, engine === 'fast' ? { rejected: 1 } : { export_failed: 1 }))
  const path = join(directory, 'logs/traces.json')
  rmdirSync(path)
  runtime.tracerProvider.getTracer('test').startSpan('kept').end()
  t.equal(await runtime.flush(5_000), true)
  t.strictSame(otlpSpans(lines(path)[0]).map(({ name }) => name), ['kept'])
  t.strictSame([...problems], [`telemetry cannot be written to ${join(directory, 'logs')}: Can't write on: ${path} (it is not a file)`])
})
