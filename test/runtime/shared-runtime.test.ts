import { metrics, trace } from '@opentelemetry/api'
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { resolveOptions, type LettaOtelOptions } from '../../lib/options.ts'
import { holdRuntime, sharedRuntime, type RuntimeHold } from '../../lib/runtime/shared-runtime.ts'
import { LETTA_DIR, lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { libUrl, runScript } from '../fixtures/node-process.ts'
import { otlpReceiver, otlpSpans } from '../fixtures/otlp-receiver.ts'

useEnvironment({})

function hold (options: LettaOtelOptions = {}, env: Record<string, string> = {}): RuntimeHold {
  const resolved = resolveOptions({ destination: 'memory', instrumentations: false, ...options }, { NODE_ENV: 'test', LETTA_DIR, ...env })
  return holdRuntime(resolved, problem => { problems.push(problem) })
}

let problems: string[] = []
t.beforeEach(() => { problems = [] })

const spanNames = (): string[] => sharedRuntime()!.memory!.finishedSpans().map(({ name }) => name)

t.test('no runtime before the first hold', async t => {
  t.equal(sharedRuntime(), undefined)
})

t.test('a destination that the environment makes useless is refused, and nothing starts', async t => {
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'api key=s3cret'
  t.throws(() => hold({ destination: 'otlp', endpoint: 'http://127.0.0.1:9' }), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
  delete process.env['OTEL_EXPORTER_OTLP_HEADERS']
  t.equal(sharedRuntime(), undefined)
})

t.test('two applications share one', async t => {
  const first = hold({ serviceName: 'shared' })
  const second = hold({})
  const third = hold({ serviceName: 'shared' }, { LETTA_ENVIRONMENT: 'other' })
  t.equal(second.runtime, first.runtime)
  t.equal(third.runtime, first.runtime)
  t.equal(sharedRuntime(), first.runtime)
  t.equal(await first.release(1_000), true)
  trace.getTracer('x').startSpan('still here').end()
  t.strictSame(spanNames(), ['still here'])
  await second.release(1_000)
  await third.release(1_000)
})

t.test('letting go twice is letting go once, and after the last nothing runs when the process ends', async t => {
  const listeners = process.listenerCount('beforeExit')
  const first = hold({})
  const second = hold({})
  t.equal(process.listenerCount('beforeExit'), listeners + 1)
  t.strictSame(await Promise.all([first.release(1_000), first.release(1_000)]), [true, true])
  t.throws(() => hold({ destination: 'none' }), { code: 'LETTA_OTEL_RUNTIME_CONFLICT' }, 'the second still uses it')
  t.equal(process.listenerCount('beforeExit'), listeners + 1)
  await second.release(1_000)
  t.equal(process.listenerCount('beforeExit'), listeners)
})

t.test('what a second one asks for in code has to be what runs', async t => {
  const first = hold({ serviceName: 'one', temporality: 'delta', headers: { a: '1' }, sampler: new AlwaysOnSampler() })
  const conflicts: Array<[LettaOtelOptions, string, string, string]> = [
    [{ serviceName: 'two' }, 'serviceName', '"two"', '"one"'],
    [{ temporality: 'cumulative' }, 'temporality', '"cumulative"', '"delta"'],
    [{ destination: 'none' }, 'destination', '"none"', '"memory"'],
    [{ endpoint: 'http://me:hunter2@collector:4318' }, 'endpoint', '"http://collector:4318"', 'its default'],
    [{ headers: { a: '2' } }, 'headers', 'an object', 'an object'],
    [{ exportIntervalMs: 5 }, 'exportIntervalMs', '5', '60000']
  ]
  for (const [options, name, wanted, running] of conflicts) {
    t.throws(() => hold(options), {
      code: 'LETTA_OTEL_RUNTIME_CONFLICT',
      message: `letta-otel option "${name}" cannot be ${wanted}: telemetry of this process already runs with ${running}. ` +
        'Give every application (and the environment, when letta-otel/register is preloaded) the same value, or leave it out'
    }, name)
  }
  const second = hold({ serviceName: 'one', headers: { a: '1' }, sampler: new AlwaysOnSampler() })
  t.equal(second.runtime, first.runtime, 'equal values are no conflict')
  await first.release(1_000)
  t.throws(() => hold({ serviceName: 'two' }), { code: 'LETTA_OTEL_RUNTIME_CONFLICT' }, 'still held by the other')
  // Not a release of a hold that failed: the two that worked.
  await second.release(1_000)
})

t.test('a runtime that nobody holds is joined again by one that wants the same', async t => {
  const before = hold({ serviceName: 'again' })
  const { runtime } = before
  const tracer = trace.getTracer('x')
  const counter = metrics.getMeter('x').createCounter('things')
  await before.release(1_000)
  const after = hold({ serviceName: 'again' })
  t.equal(after.runtime, runtime)
  tracer.startSpan('from before').end()
  counter.add(1)
  t.strictSame(spanNames(), ['from before'])
  t.match(await runtime.memory!.metrics(), [{ name: 'things', points: [{ value: 1 }] }])
  await after.release(1_000)
})

t.test('and replaced by one that wants something else', async t => {
  const before = hold({ serviceName: 'old' })
  await before.release(1_000)
  const after = hold({ serviceName: 'new' })
  t.not(after.runtime, before.runtime)
  t.equal(sharedRuntime(), after.runtime)
  t.equal(after.runtime.resource.attributes['service.name'], 'new')
  trace.getTracer('x').startSpan('for the new one').end()
  t.strictSame(spanNames(), ['for the new one'])
  t.strictSame(before.runtime.memory!.finishedSpans(), [])
  await after.release(1_000)
})

t.test('a runtime that is replaced sends what it still has', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const before = hold({ destination: 'otlp', endpoint: receiver.url })
  await before.release(1_000)
  trace.getTracer('x').startSpan('late').end()
  const after = hold({ serviceName: 'next' })
  const { json } = await receiver.next('/v1/traces')
  t.match(otlpSpans(json), [{ name: 'late' }])
  await after.release(1_000)
})

t.test('what a replaced runtime cannot send is no affair of the application that replaced it', async t => {
  const receiver = await otlpReceiver()
  const before = hold({ destination: 'otlp', endpoint: receiver.url }, { LETTA_DIR: lettaDirectory() })
  t.equal(await before.release(5_000), true)
  await receiver.close()
  trace.getTracer('x').startSpan('late').end()
  const { promise: warned, resolve } = Promise.withResolvers<Error>()
  const onWarning = (warning: Error): void => { if (warning.message.startsWith(`traces cannot be sent to ${receiver.url}/`)) resolve(warning) }
  process.on('warning', onWarning)
  t.teardown(() => { process.off('warning', onWarning) })
  const after = hold({ serviceName: 'successor' })
  t.match(await warned, { name: 'LettaOtelWarning' })
  t.strictSame(problems, [])
  await after.release(1_000)
})

t.test('letting go flushes', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const { release, runtime } = hold({ destination: 'otlp', endpoint: receiver.url })
  runtime.tracerProvider.getTracer('x').startSpan('last').end()
  t.equal(await release(5_000), true)
  t.match(otlpSpans(receiver.received.find(({ path }) => path === '/v1/traces')?.json), [{ name: 'last' }])
})

t.test('one that joins with the first logs is told that these cannot be sent', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  process.env['OTEL_EXPORTER_OTLP_LOGS_HEADERS'] = 'api key=s3cret'
  const options = { destination: 'otlp', endpoint: receiver.url } as const
  const first = hold(options)
  t.throws(() => hold({ ...options, logs: { otlp: true } }), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
  const second = hold(options)
  t.equal(second.runtime, first.runtime)
  delete process.env['OTEL_EXPORTER_OTLP_LOGS_HEADERS']
  await Promise.all([first.release(1_000), second.release(1_000)])
})

t.test('warnings about the environment go to the application, once', async t => {
  const env = { OTEL_METRIC_EXPORT_INTERVAL: 'soon' }
  const one = hold({ serviceName: 'warned' }, env)
  const two = hold({ serviceName: 'warned' }, env)
  t.strictSame(problems, ['environment variable OTEL_METRIC_EXPORT_INTERVAL is ignored: "soon" is not one of: a whole number from 1 to 2147483647'])
  await one.release(1_000)
  await two.release(1_000)
})

const script = (body: string): string => `
  import { trace } from '@opentelemetry/api'
  import { resolveOptions } from '${libUrl('options.ts')}'
  import { holdRuntime } from '${libUrl('runtime/shared-runtime.ts')}'
  const hold = (options, listener) => holdRuntime(resolveOptions(options, process.env), listener)
  ${body}`

t.test('an endpoint that accepts and never answers: letting go is bounded, the end of the process by the exporters\' own time-out', async t => {
  const receiver = await otlpReceiver(() => {})
  t.teardown(async () => { await receiver.close() })
  const { stdout, stderr, code, milliseconds } = await runScript(script(`
    const { runtime, release } = hold({ engine: 'sdk', endpoint: '${receiver.url}' })
    trace.getTracer('x').startSpan('a').end()
    const start = performance.now()
    const complete = await release(300)
    console.log(JSON.stringify({ complete, took: performance.now() - start }))`), { OTEL_EXPORTER_OTLP_TIMEOUT: '1000' })
  t.equal(code, 0)
  t.match(stderr, /LettaOtelWarning: spans cannot be exported to http:\/\/127\.0\.0\.1:\d+: see that it is reachable/)
  const { complete, took } = JSON.parse(stdout) as { complete: boolean, took: number }
  t.equal(complete, false)
  t.ok(took >= 295 && took < 1_000, `${took} ms`)
  t.equal(receiver.received.length > 0, true)
  t.ok(milliseconds < 6_000, `the process ended after ${milliseconds} ms`)
})

t.test('a process that only holds a runtime ends', async t => {
  const { code, stderr, milliseconds } = await runScript(script("hold({ destination: 'memory' })"))
  t.strictSame([code, stderr], [0, ''])
  t.ok(milliseconds < 6_000, `${milliseconds} ms`)
})
