/** An application that esbuild has put together with letta-otel still sends, as docs/options.md says under "Bundling". */
import { build, type BuildOptions } from 'esbuild'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runNode } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { accept, Receiver } from './receiver.ts'

/** An application whose one request makes one of its own. */
const SERVER = `
  import Fastify from 'fastify'
  import lettaOtel from 'letta-otel'
  import http from 'node:http'

  async function main () {
    const app = Fastify({ logger: { level: 'warn' } })
    await app.register(lettaOtel, { engine: 'fast', destination: 'otlp', endpoint: process.env.ENDPOINT, serviceName: 'bundled', shutdownTimeoutMs: 30_000 })
    app.get('/', async request => await new Promise((resolve, reject) => {
      http.get(process.env.ENDPOINT + '/hello', response => { response.resume().on('end', () => { resolve('ok') }) }).on('error', reject)
    }))
    await app.inject('/')
    const flushed = await app.telemetry.flush()
    const { thread, spans: { exported, failed } } = app.telemetry.stats()
    process.stdout.write(JSON.stringify({ flushed, thread, exported, failed }) + '\\n')
    await app.inject('/')
    await app.close()
  }
  main()`

const FORMATS: Readonly<Record<'esm' | 'cjs', BuildOptions>> = {
  esm: {
    outExtension: { '.js': '.mjs' },
    // Fastify is CommonJS, and what it requires of Node is not bundled.
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)" }
  },
  cjs: { outExtension: { '.js': '.cjs' }, logOverride: { 'empty-import-meta': 'silent' } }
}

const VARIANTS: ReadonlyArray<{ what: string, options: BuildOptions, files: string[], thread: 'main' | 'worker' }> = [
  { what: 'alone', options: {}, files: ['server'], thread: 'main' },
  { what: 'with the worker beside it', options: { entryPoints: { server: 'server.js', 'carrier-worker': 'letta-otel/carrier-worker' } }, files: ['carrier-worker', 'server'], thread: 'worker' },
  { what: 'without letta-otel', options: { external: ['letta-otel'] }, files: ['server'], thread: 'worker' }
]

for (const [format, formatOptions] of Object.entries(FORMATS)) {
  for (const { what, options, files, thread } of VARIANTS) {
    t.test(`a bundle of ${format}, ${what}, sends from the ${thread} thread`, async t => {
      const receiver = await Receiver.listen()
      t.teardown(async () => { await receiver.close() })
      receiver.usual = accept
      const directory = temporaryDirectory(t, { 'server.js': SERVER })
      const { warnings } = await build({
        absWorkingDir: directory,
        entryPoints: { server: 'server.js' },
        bundle: true,
        platform: 'node',
        target: 'node22',
        format: format as 'esm' | 'cjs',
        outdir: join(directory, 'out'),
        logLevel: 'silent',
        ...formatOptions,
        ...options
      })
      t.strictSame(warnings.map(({ text }) => text), [])
      const extension = formatOptions.outExtension!['.js']!
      t.strictSame(readdirSync(join(directory, 'out')).sort(), files.map(file => `${file}${extension}`))
      const { code, stdout, stderr } = await runNode([join(directory, 'out', `server${extension}`)], {
        ENDPOINT: new URL(receiver.url).origin, LETTA_DIR: join(directory, 'letta'), NODE_ENV: 'production'
      })
      t.strictSame([code, stderr], [0, ''])
      const lines = stdout.trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
      t.strictSame(lines.filter(({ level }) => level === undefined), [{ flushed: true, thread, exported: 2, failed: 0 }])
      const warned = lines.filter(({ level }) => level !== undefined).map(({ msg }) => msg)
      t.match(warned, thread === 'main' ? [/^telemetry is sent from the main thread, because no worker thread can be loaded \(/] : [])
      t.equal(warned.length, thread === 'main' ? 1 : 0)
      t.strictSame(receiver.names.sort(), ['GET', 'GET', 'GET /', 'GET /'], 'all spans, and none of sending them')
      t.ok(receiver.accepted.some(({ path }) => path === '/v1/metrics'))
    })
  }
}
