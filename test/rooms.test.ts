/**
 * The walls of the house: which room of lib/ may import which, and which packages. `(types)` allows a type-only import.
 * A room is a folder of lib/, a file beside the folders, or a file with the folder of its name (`options`).
 */
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readModule, type ModuleFacts } from './fixtures/module-facts.ts'

interface Room {
  /** Rooms of lib/ it may import. */
  readonly lib: readonly string[]
  /** Packages and built-in modules it may import; `@scope/name-*` stands for all that begin so, `node:*` for any built-in. */
  readonly packages: readonly string[]
}

const API = '@opentelemetry/api'
const NOT_FOR_THE_CLI = ['plugin', 'request', 'logs', 'trace', 'agent']

const ROOMS: Readonly<Record<string, Room>> = {
  index: {
    lib: ['plugin', 'ambient', 'trace', 'agent', 'database', 'options (types)', 'request (types)', 'runtime (types)', 'vocabulary (types)'],
    packages: []
  },
  plugin: { lib: ['request', 'logs', 'runtime', 'agent', 'options', 'errors', 'ambient'], packages: ['fastify-plugin', 'fastify (types)'] },
  register: { lib: ['runtime', 'options'], packages: [] },
  testing: { lib: ['runtime', 'errors'], packages: [] },
  options: {
    lib: ['errors', 'vocabulary', 'store (types)'],
    packages: [`${API} (types)`, '@opentelemetry/sdk-trace (types)', '@opentelemetry/instrumentation (types)', 'fastify (types)', 'node:os', 'node:path']
  },
  errors: { lib: [], packages: ['@fastify/error'] },
  vocabulary: { lib: [], packages: ['@opentelemetry/semantic-conventions'] },
  // Whose work by hand is has a storage of its own, as that work has.
  ambient: { lib: ['vocabulary'], packages: [API, 'node:async_hooks'] },
  // Protobuf is written by the recorder on the request's thread and by the worker: one writer for both, which stands on Node alone.
  otlp: { lib: [], packages: [] },
  redaction: { lib: ['vocabulary'], packages: [] },
  request: {
    lib: ['ambient', 'redaction', 'vocabulary', 'options (types)'],
    packages: [API, 'fastify (types)', 'node:events', 'node:http', 'node:net (types)']
  },
  logs: { lib: ['ambient', 'vocabulary', 'export (types)'], packages: [API, 'pino (types)'] },
  // A function's parameters have names in its source alone, which acorn reads; node:util knows a proxy without setting off its traps.
  // What it was given, and what it threw, may hold secrets.
  trace: { lib: ['ambient', 'redaction', 'vocabulary', 'errors'], packages: [API, 'acorn', 'node:util'] },
  // Prompts and answers lose their secrets, and are hashed, before they leave the room. Its routes answer with errors of this
  // package. Work that is begun by hand is found through a storage of its own: the API can enter a context for a callback only.
  agent: {
    lib: ['trace', 'ambient', 'redaction', 'errors', 'vocabulary', 'options (types)', 'store (types)'],
    packages: [API, 'fastify (types)', 'node:async_hooks', 'node:crypto']
  },
  // node:events has the name under which errors are seen without being handled.
  database: { lib: ['ambient', 'vocabulary', 'errors'], packages: [API, 'node:events'] },
  runtime: {
    lib: ['recorder', 'export', 'store', 'options', 'errors', 'redaction', 'vocabulary'],
    packages: [
      API, '@opentelemetry/core', '@opentelemetry/context-async-hooks', '@opentelemetry/resources', '@opentelemetry/sdk-*',
      '@opentelemetry/propagator-*', '@opentelemetry/exporter-*', '@opentelemetry/otlp-transformer', '@opentelemetry/instrumentation',
      '@opentelemetry/instrumentation-*', 'node:*',
      // What an instrumentation patches, as it names it.
      '(computed)'
    ]
  },
  // The rules for attributes and times, a sampler's answers, and the shape of metrics that join the SDK's reader are its own.
  recorder: { lib: ['otlp', 'vocabulary'], packages: [API, '@opentelemetry/core', '@opentelemetry/sdk-trace', '@opentelemetry/sdk-metrics', 'node:crypto'] },
  // Where no worker can be loaded, sending on the main thread must not be traced. Files hold JSON of what is protobuf here.
  // Secrets are taken out of log lines where these become records or lines of the file, off the request's thread; redaction is pure.
  export: { lib: ['errors', 'otlp', 'redaction', 'options (types)'], packages: [API, '@opentelemetry/core', 'protobufjs', 'rotating-file-stream', 'node:*'] },
  // Rows that the engine cannot take wait in the exporter's spool, and are tried again with its patience.
  store: { lib: ['vocabulary', 'errors', 'export', 'options (types)'], packages: ['@clickhouse/client', 'chdb', 'node:*'] },
  // A release is fetched over HTTP through proxies, its archive read, configurations merged, and the collector's metrics understood
  // by those whose trade it is. A download that is under way has an owner, as a segment of the spool has, and is retried alike.
  collector: { lib: ['errors', 'export', 'options (types)'], packages: ['parse-prometheus-text-format', 'tar', 'undici', 'yaml', 'node:*'] },
  // Its answers to OTLP are protobuf too.
  backend: { lib: ['store', 'dashboard', 'export', 'otlp', 'errors'], packages: ['fastify', 'node:*'] },
  // Its page is read from where it was built to, once.
  dashboard: { lib: ['store', 'errors'], packages: ['fastify (types)', 'node:*'] },
  // What runs in browsers, bundled with its two libraries; it knows the rest by the shape of its answers.
  'dashboard/web': { lib: ['dashboard (types)', 'store (types)'], packages: ['preact', 'uplot'] },
  // Commands and their options are commander's, tables cli-table3's: no other room prints.
  cli: { lib: ['*'], packages: ['commander', 'cli-table3', 'node:*'] }
}

/** Packages that only lend their types: named in no emitted declaration that a consumer loads. */
const TYPES_ONLY_PACKAGES = ['pino']
const LONGEST_FILE = 250

const project = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { default: string }>
  bin: Record<string, string>
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const declared = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)])
const bundled = new Set(Object.keys(manifest.devDependencies))
const modules = new Map<string, ModuleFacts>(globSync('lib/**/*.{ts,tsx}', { cwd: project })
  .map(path => relative('lib', path)).sort()
  .map(file => [file, readModule(join(project, 'lib'), file)]))

function roomOf (file: string): string {
  if (file.startsWith('dashboard/web/')) return 'dashboard/web'
  return file.split('/')[0]!.replace(/\.ts$/, '')
}

function packageOf (specifier: string): string {
  if (isBuiltin(specifier)) return `node:${specifier.replace('node:', '')}`
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

function allows (permissions: readonly string[], wanted: string, typeOnly: boolean): boolean {
  return permissions.some(permission => {
    const [pattern = '', condition] = permission.split(' ')
    const matches = pattern.endsWith('*') ? wanted.startsWith(pattern.slice(0, -1)) : pattern === wanted
    return matches && (condition === undefined || typeOnly)
  })
}

/** The table, and the one room whose words name what it may not import. */
function mayImportRoom (from: string, to: string, typeOnly: boolean): boolean {
  if (from === to) return true
  if (from === 'cli' && NOT_FOR_THE_CLI.includes(to)) return false
  return allows(ROOMS[from]?.lib ?? [], to, typeOnly)
}

t.test('every import stays within the walls', t => {
  t.ok(modules.size > 0, 'there are files')
  for (const [file, { imports }] of modules) {
    const room = roomOf(file)
    t.ok(ROOMS[room], `${file} is in a room of the table`)
    for (const { specifier, target, typeOnly } of imports) {
      const what = `${file} may import ${typeOnly ? 'types of ' : ''}${specifier}`
      if (target !== undefined) {
        t.ok(mayImportRoom(room, roomOf(target), typeOnly), what)
        t.ok(modules.has(target), `${file}: ${specifier} is a file of lib/`)
        continue
      }
      const name = packageOf(specifier)
      t.ok(allows(ROOMS[room]?.packages ?? [], name, typeOnly), what)
      if (name.startsWith('node:') || name === '(computed)') continue
      if (room === 'dashboard/web') t.ok(bundled.has(name), `${file}: ${name} is there to be bundled`)
      else t.ok(declared.has(name) || (typeOnly && TYPES_ONLY_PACKAGES.includes(name)), `${file}: ${name} is declared in package.json`)
    }
  }
  t.end()
})

t.test('every declared package is imported', t => {
  const imported = new Set([...modules.values()].flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier))))
  for (const name of declared) t.ok(imported.has(name), name)
  t.end()
})

t.test('every file can be reached from an entry point', t => {
  const entries = [...Object.values(manifest.exports).flatMap(target => typeof target === 'string' ? [] : [target.default]), ...Object.values(manifest.bin)]
    .map(target => target.replace('./dist/', '').replace(/\.js$/, '.ts'))
    .concat('dashboard/web/main.tsx')
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    for (const { target } of modules.get(file)?.imports ?? []) if (target !== undefined) visit(target)
  }
  entries.forEach(visit)
  for (const file of modules.keys()) t.ok(reached.has(file), file)
  t.end()
})

/**
 * The table without its type-only grants has to be free of cycles, and so have the files. Between the files of one room,
 * a type-only import makes no cycle: it is gone when the code runs, so nothing can be used before it exists.
 */
t.test('nothing imports in circles', t => {
  t.same(cycle(Object.keys(ROOMS), room => (ROOMS[room]?.lib ?? []).filter(to => !to.endsWith(' (types)'))), [], 'rooms')
  t.same(cycle([...modules.keys()], file => (modules.get(file)?.imports ?? []).flatMap(({ target, typeOnly }) =>
    target === undefined || (typeOnly && roomOf(target) === roomOf(file)) ? [] : [target])), [], 'files')
  t.end()
})

function cycle (nodes: readonly string[], next: (node: string) => readonly string[]): string[] {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return []
    path.push(node)
    for (const other of next(node)) {
      const found = visit(other)
      if (found.length > 0) return found
    }
    path.pop()
    done.add(node)
    return []
  }
  for (const node of nodes) {
    const found = visit(node)
    if (found.length > 0) return found
  }
  return []
}

t.test('only the runtime holds state of its own', t => {
  for (const [file, { state }] of modules) {
    if (roomOf(file) !== 'runtime') t.same(state, [], `${file} has no mutable state at the top level`)
  }
  t.end()
})

t.test('files are short and named for one thing', t => {
  for (const [file, { lines }] of modules) {
    t.ok(lines <= LONGEST_FILE, `${file} has at most ${LONGEST_FILE} lines`)
    t.match(basename(file), /^[a-z0-9]+(?:-[a-z0-9]+)*\.tsx?$/, `${file} is in kebab-case`)
  }
  t.end()
})
