/** Node strips types only, so decorators are compiled here, by the two compilers that people use, in both of their forms. */
import { transformSync } from 'esbuild'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { traceMethod } from '../../lib/trace/trace-method.ts'
import type { TraceMethodOptions } from '../../lib/trace/trace-method-options.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { recordSpans } from './recorded-spans.ts'

useEnvironment({})

const traceMethodUrl = new URL('../../lib/trace/trace-method.ts', import.meta.url).href

/** TypeScript, with `traceMethod` in scope. */
type Compile = (source: string) => string

function typescript (experimentalDecorators: boolean): Compile {
  const compilerOptions = { experimentalDecorators, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  return source => ts.transpileModule(source, { compilerOptions }).outputText
}

function esbuild (experimentalDecorators: boolean): Compile {
  return source => transformSync(source, { loader: 'ts', target: 'es2022', tsconfigRaw: { compilerOptions: { experimentalDecorators } } }).code
}

const FORMS: ReadonlyArray<readonly [name: string, compile: Compile, standard: boolean]> = [
  ['standard decorators of TypeScript', typescript(false), true],
  ['legacy decorators of TypeScript', typescript(true), false],
  ['standard decorators of esbuild', esbuild(false), true],
  ['legacy decorators of esbuild', esbuild(true), false]
]

let modules = 0

/** Each in a file of its own: Node loads a file once. */
async function load (t: Test, compile: Compile, source: string): Promise<any> {
  const name = `module-${modules++}.mjs`
  const directory = temporaryDirectory(t, { [name]: compile(`import { traceMethod } from '${traceMethodUrl}'\n${source}`) })
  return await import(pathToFileURL(join(directory, name)).href)
}

const AGENTS = `
export const symbol = Symbol('by symbol')
export class Agents {
  offset = 1
  @traceMethod
  add (first: number, second: number) { return this.offset + first + second }
  @traceMethod()
  async later (value: string) { return await Promise.resolve(value + this.offset) }
  @traceMethod({ name: 'a name', parameters: ['x'] })
  named (value: string) { return value }
  @traceMethod
  static of (kind: string) { return [this.name, kind] }
  @traceMethod
  * count (to: number) { for (let n = 0; n < to; n++) yield n + this.offset }
  @traceMethod
  fails () { throw new RangeError('too far') }
  @traceMethod
  [symbol] (id: string) { return id }
}
export class Better extends Agents {
  override add (first: number, second: number) { return 10 * super.add(first, second) }
}
`

for (const [form, compile, standard] of FORMS) {
  t.test(form, async t => {
    const spans = recordSpans(t)
    const { Agents, Better, symbol } = await load(t, compile, AGENTS)
    const agents = new Agents()

    t.equal(agents.add(2, 3), 6)
    t.match(await spans(), [{ name: 'Agents.add', kind: 'INTERNAL', status: { code: 'OK' }, attributes: { 'parameter.first': 2, 'parameter.second': 3 } }])

    t.equal(await agents.later('v'), 'v1')
    t.match(await spans(), [{ name: 'Agents.later', attributes: { 'parameter.value': 'v' } }])

    t.equal(agents.named('v'), 'v')
    t.match(await spans(), [{ name: 'a name', attributes: { 'parameter.x': 'v' } }])

    t.same(Agents.of('k'), ['Agents', 'k'])
    t.match(await spans(), [{ name: 'Agents.of', attributes: { 'parameter.kind': 'k' } }])

    t.same([...agents.count(3)], [1, 2, 3])
    t.match(await spans(), [{ name: 'Agents.count', status: { code: 'OK' } }])

    t.throws(() => agents.fails(), new RangeError('too far'))
    t.match(await spans(), [{
      name: 'Agents.fails',
      status: { code: 'ERROR', message: 'too far' },
      attributes: { 'error.type': 'RangeError' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'RangeError', 'exception.message': 'too far', 'exception.stacktrace': /fails/ } }]
    }])

    t.equal(agents[symbol]('i'), 'i')
    t.match(await spans(), [{ name: 'Agents.Symbol(by symbol)' }])

    t.equal(new Better().add(2, 3), 60)
    t.match(await spans(), [{ name: 'Better.add' }], 'the class of the object, as in a stack trace')

    t.equal(Agents.prototype.add.name, 'add')
    t.equal(Agents.prototype.add.length, 2)
    t.same(Object.keys(Agents.prototype), [], 'methods are not enumerable')
  })

  t.test(`${form}: only methods`, async t => {
    for (const [what, source] of [
      ['a class', '@traceMethod() class A {}'],
      ['a field', 'class A { @traceMethod() a = () => {} }'],
      ['a getter', 'class A { @traceMethod() get a () { return 1 } }'],
      ['an unknown option', 'class A { @traceMethod({ nam: "x" }) a () {} }']
    ] as const) {
      await t.rejects(load(t, compile, source), { code: what === 'an unknown option' ? 'LETTA_OTEL_INVALID_OPTION' : 'LETTA_OTEL_CANNOT_TRACE' }, what)
    }
  })

  if (!standard) continue
  t.test(`${form}: private methods`, async t => {
    const spans = recordSpans(t)
    const { A } = await load(t, compile, 'export class A { @traceMethod #secret (n: number) { return n } open (n: number) { return this.#secret(n) } }')
    t.equal(new A().open(7), 7)
    t.match(await spans(), [{ name: 'A.#secret', attributes: { 'parameter.n': 7 } }])
  })
}

t.test('types hold for decorators of both forms, and for functions', { timeout: 60_000 }, async t => {
  const source = `import { traceMethod } from '${new URL(traceMethodUrl).pathname}'
export class A {
  @traceMethod plain (a: number): string { return String(a) }
  @traceMethod({ exclude: ['a'] }) async later (a: number): Promise<string> { return String(a) }
  @traceMethod() static * all (): Generator<number> { yield 1 }
}
export const wrapped: (a: number) => string = traceMethod((a: number) => String(a), { name: 'n' })
// @ts-expect-error: a number is no name
traceMethod(() => {}, { name: 1 })
`
  const file = join(temporaryDirectory(t, { 'types.ts': source }), 'types.ts')
  for (const experimentalDecorators of [false, true]) {
    const program = ts.createProgram([file], {
      experimentalDecorators,
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.NodeNext,
      types: []
    })
    t.same(ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText }) => messageText), [], `experimentalDecorators: ${experimentalDecorators}`)
  }
})

t.test('a function', async t => {
  const spans = recordSpans(t)
  function search (this: unknown, query: string, limit = 10): unknown[] { return [this, query, limit] }
  const own = Symbol('own')
  Object.assign(search, { own: 1, [own]: 2 })
  const traced = traceMethod(search)
  const self = {}
  const [seen, ...rest] = traced.call(self, 'q')
  t.equal(seen, self)
  t.same(rest, ['q', 10])
  t.match(await spans(), [{ name: 'search', attributes: { 'parameter.query': 'q' } }])
  t.notOk('parameter.limit' in (await (async () => { traced.call(self, 'q'); return await spans() })())[0]!.attributes)
  t.equal(traced.name, 'search')
  t.equal(traced.length, 1)
  t.equal((traced as unknown as Record<string | symbol, unknown>)['own'], 1)
  t.equal((traced as unknown as Record<string | symbol, unknown>)[own], 2)

  traceMethod(search, { module: 'tools', parameters: false })('q')
  const [span] = await spans()
  t.match(span, { name: 'tools.search' })
  t.strictSame(span!.attributes, {})

  traceMethod(() => {})()
  t.match(await spans(), [{ name: 'anonymous' }])
})

t.test('a method that is called without its object, and a plain object', async t => {
  const spans = recordSpans(t)
  const method = traceMethod()
  const descriptor = method({}, 'run', { value: () => 1, writable: true, configurable: true })
  t.equal(descriptor.value!(), 1)
  t.match(await spans(), [{ name: 'run' }])
  const object = { run: descriptor.value! }
  t.equal(object.run(), 1)
  t.match(await spans(), [{ name: 'run' }])
  const strange = { get constructor () { throw new Error('not for you') }, run: descriptor.value! }
  t.equal(strange.run(), 1, 'telemetry never stands in the way')
})

t.test('metadata that other decorators left on the function', t => {
  const store = new Map<unknown, Map<unknown, unknown>>()
  const metadata = {
    defineMetadata (key: unknown, value: unknown, target: object) { store.set(target, (store.get(target) ?? new Map()).set(key, value)) },
    getOwnMetadataKeys: (target: object) => [...store.get(target)?.keys() ?? []],
    getOwnMetadata: (key: unknown, target: object) => store.get(target)?.get(key)
  }
  Object.assign(Reflect, metadata)
  t.teardown(() => { for (const name of Object.keys(metadata)) Reflect.deleteProperty(Reflect, name) })
  const fn = (): void => {}
  metadata.defineMetadata('role', 'admin', fn)
  t.equal(metadata.getOwnMetadata('role', traceMethod(fn)), 'admin')
  t.end()
})

t.test('options that cannot work', t => {
  const bad: Array<[options: unknown, option: string]> = [
    [{ name: '' }, 'traceMethod.name'], [{ module: 1 }, 'traceMethod.module'], [{ parameters: 'a' }, 'traceMethod.parameters'],
    [{ exclude: [1] }, 'traceMethod.exclude'], [{ include: {} }, 'traceMethod.include'], [{ limits: [] }, 'traceMethod.limits'],
    [{ limits: { value: -1 } }, 'traceMethod.limits.value'], [{ limits: { valeu: 1 } }, 'traceMethod.limits.valeu'],
    [{ logger: {} }, 'traceMethod.logger'], [{ nam: 'x' }, 'traceMethod.nam'], [7, 'traceMethod'], [null, 'traceMethod']
  ]
  for (const [options, option] of bad) {
    t.throws(() => traceMethod(() => {}, options as TraceMethodOptions), { code: 'LETTA_OTEL_INVALID_OPTION', message: `"${option}"` }, JSON.stringify(options))
  }
  t.throws(() => traceMethod(7 as never), { code: 'LETTA_OTEL_INVALID_OPTION' })
  t.end()
})
