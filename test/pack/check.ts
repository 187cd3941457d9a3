/**
 * `npm run test:pack`: packs the package as it is published, installs the tarball beside Fastify in a project of its own,
 * and uses it there from JavaScript and TypeScript, by `import` and by `require()`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { COMPILER_OPTIONS, CONSUMERS } from './consumers.ts'
import { faultsOfContents } from './contents.ts'
import { ConsumerProject } from './project.ts'

const counts = { pass: 0, fail: 0 }

function check (what: string, ok: boolean, found: unknown): void {
  counts[ok ? 'pass' : 'fail']++
  console.log(`${ok ? 'ok' : 'not ok'} ${counts.pass + counts.fail} - ${what}`)
  if (!ok) console.log(typeof found === 'string' ? found : JSON.stringify(found, null, 2))
}

function equal (what: string, actual: unknown, expected: unknown): void {
  check(what, isDeepStrictEqual(actual, expected), { actual, expected })
}

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const consumer = new ConsumerProject(checkout, ['fastify', '@opentelemetry/api', '@types/node', 'typescript'])

for (const [what, faults] of Object.entries(faultsOfContents(consumer.path('node_modules/letta-otel'), checkout))) equal(what, faults, [])

// Compiled with the declarations of the package checked too; what the compiler writes runs below.
for (const [file, source] of Object.entries(CONSUMERS)) consumer.write(file, source)
for (const file of Object.keys(CONSUMERS).filter(name => name.endsWith('ts'))) {
  consumer.write('tsconfig.json', JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: [file] }))
  const { ok, text } = consumer.node(['node_modules/typescript/bin/tsc', '-p', '.'])
  check(`${file} type-checks`, ok, text)
}

const { text: exportsText, said: exports } = consumer.node(['exports.cjs'])
check('require() gives the plugin itself', exports['isFunction'] === true && exports['isDefault'] === true, exportsText)
equal('every export by name is found on it', exports['missing'], [])
equal('it is its own default, as other plugins are', exports['ownDefault'], true)
equal('it says that it is for Fastify 5', [exports['name'], exports['fastify']], ['letta-otel', '5.x'])

for (const file of ['app.mjs', 'app.cjs']) {
  const { ok, text, said } = consumer.node([file])
  check(`${file} serves a request`, ok && said['tenant'] === 'acme', text)
  check(`${file} exports a trace of it`, /^[0-9a-f]{32}$/.test(String(said['traceId'])) && Number(said['exported']) >= 1, text)
  const first = text.split('\n').find(line => line.includes('"incoming request"')) ?? ''
  check(`${file} logs its first line with the trace's id`, first.includes(`"trace_id":"${String(said['traceId'])}"`), text)
}

const interop = consumer.node(['interop.cjs'])
check('interop.cjs finds default and named exports', interop.ok && interop.said['spans'] === 0, interop.text)

const testing = consumer.node(['testing.mjs'])
equal('letta-otel/testing sees spans and forgets them', [testing.said['spans'], testing.said['left']], [['GET /hello'], 0])
check('letta-otel/testing sees metrics', (testing.said['names'] as string[] | undefined)?.includes('http.server.request.duration') === true, testing.text)

for (const [flag, file] of [['--import', 'app.mjs'], ['--import', 'app.cjs'], ['--require', 'app.cjs']] as const) {
  const directory = consumer.path(`preload${flag}-${file}`)
  const { ok, text, said } = consumer.node([flag, 'letta-otel/register', file], { LETTA_DIR: directory })
  check(`node ${flag} letta-otel/register ${file} serves a request`, ok && said['tenant'] === 'acme', text)
  const spans = writtenSpans(join(directory, 'logs/traces.json')).filter(({ kind }) => kind === 2)
  equal('and leaves one server span of it', spans.map(({ name, traceId }) => [name, traceId]), [['GET /agents/:agent_id', said['traceId']]])
}

console.log(`# { total: ${counts.pass + counts.fail}, pass: ${counts.pass}, fail: ${counts.fail} }`)
process.exitCode = counts.fail === 0 ? 0 : 1

interface WrittenSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
}

function writtenSpans (path: string): WrittenSpan[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8').trim().split('\n').flatMap(line => {
    const request = JSON.parse(line) as { resourceSpans: Array<{ scopeSpans: Array<{ spans: WrittenSpan[] }> }> }
    return request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  })
}
