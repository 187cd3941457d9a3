import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { libUrl, runScript } from '../fixtures/node-process.ts'
import { otlpReceiver, otlpSpans, type OtlpReceiver } from '../fixtures/otlp-receiver.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Processes of each kind. */
const COUNT = Number(process.env['LETTA_OTEL_PROCESSES'] ?? 3)
t.setTimeout(COUNT * 120_000)

/** Registers, serves one request, and closes at once; its worker thread may not even have started by then. */
const APPLICATION = `
  import Fastify from 'fastify'
  import lettaOtel from ${JSON.stringify(libUrl('index.ts'))}
  const { url, path, shutdownTimeoutMs } = JSON.parse(process.env.CASE)
  const app = Fastify()
  await app.register(lettaOtel, { endpoint: url, serviceName: 'short', instrumentations: false, shutdownTimeoutMs })
  app.get(path, async () => 'ok')
  await app.inject(path)
  await app.close()
  process.stdout.write(JSON.stringify(app.telemetry.stats().spans))`

function run (url: string, directory: string, path: string, shutdownTimeoutMs: number): ReturnType<typeof runScript> {
  return runScript(APPLICATION, { CASE: JSON.stringify({ url, path, shutdownTimeoutMs }), LETTA_DIR: directory, OTEL_METRICS_EXPORTER: 'none' })
}

function routesAt (receiver: OtlpReceiver): string[] {
  return receiver.received.filter(({ path }) => path === '/v1/traces').flatMap(({ json }) => otlpSpans(json)).map(({ name }) => name.replace('GET ', '')).sort()
}

/** Records a span outside of requests, and has nothing left to do then. */
const SCRIPT = `
  import Fastify from 'fastify'
  import { trace } from '@opentelemetry/api'
  import lettaOtel from ${JSON.stringify(libUrl('index.ts'))}
  if (process.env.PLUGIN === 'yes') {
    const app = Fastify()
    await app.register(lettaOtel, { instrumentations: false })
    await app.ready()
  }
  trace.getTracer('script').startSpan('a job').end()`

t.test('a process that ends by itself, without closing, loses nothing', { timeout: 120_000 }, async t => {
  const receiver = await otlpReceiver()
  const silent = await otlpReceiver(() => {})
  for (const { close } of [receiver, silent]) t.teardown(close)
  const base = temporaryDirectory(t)
  const script = async (name: string, env: Record<string, string>, args: string[] = []): Promise<string> => {
    const directory = join(base, name)
    const { code, stderr, milliseconds } = await runScript(SCRIPT, { LETTA_DIR: directory, OTEL_METRICS_EXPORTER: 'none', ...env }, args)
    t.equal(code, 0, stderr)
    t.ok(milliseconds < 20_000, `${name}: ${milliseconds} ms`)
    return directory
  }
  await script('plugin', { PLUGIN: 'yes', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  t.strictSame(routesAt(receiver), ['a job'])
  await script('preload', { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, ['--import', libUrl('register.ts')])
  t.strictSame(routesAt(receiver), ['a job', 'a job'])
  const files = await script('files', { PLUGIN: 'yes' })
  t.match(readFileSync(join(files, 'logs/traces.json'), 'utf8'), '"a job"')
  const disk = await script('no answer', { PLUGIN: 'yes', OTEL_EXPORTER_OTLP_ENDPOINT: silent.url })
  t.ok(globSync('spool/*/traces/*', { cwd: disk }).length > 0, 'it is on the disk')
})

t.test('a process that closes at once loses no span, however little time it has', { timeout: COUNT * 120_000 }, async t => {
  const receiver = await otlpReceiver()
  const silent = await otlpReceiver(() => {})
  for (const { close } of [receiver, silent]) t.teardown(close)
  const directory = join(temporaryDirectory(t), 'letta')
  const paths: string[] = []
  const closing = async (kind: string, { url }: OtlpReceiver, shutdownTimeoutMs: number): Promise<void> => {
    for (let n = 0; n < COUNT; n++) {
      const path = `/${kind}/${n}`
      paths.push(path)
      const { code, stdout, stderr } = await run(url, directory, path, shutdownTimeoutMs)
      t.equal(code, 0, stderr)
      t.match(JSON.parse(stdout), { failed: 0, waiting: 0 }, path)
    }
  }
  await closing('answered', receiver, 20_000)
  t.strictSame(routesAt(receiver), paths.toSorted(), 'all arrived')
  await closing('hardly-any-time', receiver, 20)
  await closing('no-answer', silent, 20)
  await closing('an-answer-too-late', silent, 400)
  await run(receiver.url, directory, '/last', 20_000)
  const arrived = routesAt(receiver)
  t.strictSame(paths.filter(path => !arrived.includes(path)), [], 'what had not arrived was on the disk')
})
