/** When queries are instrumented; what is recorded of them: test/database/postgres.test.ts. */
import { join } from 'node:path'
import t from 'tap'
import { instrumentDatabaseQueries } from '../../lib/runtime/database-queries.ts'
import { loadedModules } from '../../lib/runtime/loaded-modules.ts'
import { workingDirectory } from '../../lib/runtime/working-directory.ts'
import { libUrl, PROJECT, runNode } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Whether a process's clients are patched: its module runs in `directory`, with what it does before and after the start. */
async function isPatched (directory: string, before: string, after: string): Promise<boolean> {
  const { code, stdout, stderr } = await runNode(['--input-type=module', '--eval', `
    process.chdir(${JSON.stringify(directory)})
    ${before}
    const { Runtime } = await import('${libUrl('runtime/runtime.ts')}')
    const { resolveOptions } = await import('${libUrl('options.ts')}')
    const runtime = new Runtime(resolveOptions({ destination: 'memory' }, {}).runtime, console.error)
    await runtime.ready
    ${after}
    console.log(pg.Client.prototype.query.__wrapped === true)
    await runtime.shutdown(1_000)
  `])
  t.equal(code, 0, stderr)
  return stdout.trim() === 'true'
}

const LOAD = "const { default: pg } = await import('pg')"
const REQUIRE = `const pg = (await import('node:module')).createRequire('${PROJECT}')('pg')`

t.test('pg that is loaded, whichever way and whenever the application names it', async t => {
  const named = temporaryDirectory(t, { 'package.json': '{ "dependencies": { "pg": "^8.0.0" } }', none: { 'package.json': '{}' } })
  const none = join(named, 'none')
  const cases: ReadonlyArray<readonly [what: string, patched: boolean, directory: string, before: string, after: string]> = [
    ['imported before', true, none, LOAD, ''],
    ['required before', true, none, REQUIRE, ''],
    ['imported after', true, named, '', LOAD],
    ['required after', true, named, '', REQUIRE],
    ['of which nothing was known', false, none, '', LOAD]
  ]
  await Promise.all(cases.map(async ([what, patched, ...where]) => { t.equal(await isPatched(...where), patched, what) }))
})

t.test('an application without a database loads nothing for one', async t => {
  const directory = temporaryDirectory(t, { 'package.json': '{}' })
  const { code, stdout } = await runNode(['--input-type=module', '--eval', `
    process.chdir(${JSON.stringify(directory)})
    const { registerHooks } = await import('node:module')
    const loaded = []
    registerHooks({ load (url, context, next) { loaded.push(url); return next(url, context) } })
    const { Runtime } = await import('${libUrl('runtime/runtime.ts')}')
    const { resolveOptions } = await import('${libUrl('options.ts')}')
    const runtime = new Runtime(resolveOptions({ destination: 'memory' }, {}).runtime, console.error)
    await runtime.ready
    console.log(loaded.some(url => url.includes('instrumentation-undici')), loaded.some(url => url.includes('instrumentation-pg')))
    await runtime.shutdown(1_000)
  `])
  t.equal(code, 0)
  t.equal(stdout.trim(), 'true false')
})

t.test('what goes wrong is reported, and stops nobody', async t => {
  const problems: string[] = []
  const queries = t.mockImport<typeof import('../../lib/runtime/database-queries.ts')>('../../lib/runtime/database-queries.ts', {
    '../../lib/runtime/loaded-modules.ts': { loadedModules: () => [{ name: 'pg', exports: { get Client () { throw new Error('a strange pg') } } }] }
  })
  const { instrumentDatabaseQueries: instrument } = await queries
  const providers = { tracerProvider: { getTracer () {} }, meterProvider: { getMeter () { throw new Error('no meter') } } }
  const started = instrument({ instrumentations: [] } as never, providers as never, true, problem => { problems.push(problem) })
  await started.ready
  started.stop()
  t.match(problems, [/^queries of pg are not traced: /])
  const not = instrumentDatabaseQueries({ instrumentations: [] } as never, providers as never, false, problem => { t.fail(problem) })
  await not.ready
  not.stop()
})

t.test('modules that are loaded, and the directory', t => {
  t.same(loadedModules({ 'no-such-package': 'index.js' }), [])
  const cwd = process.cwd
  t.teardown(() => { process.cwd = cwd })
  t.equal(workingDirectory(), cwd())
  process.cwd = () => { throw new Error('ENOENT') }
  t.equal(workingDirectory(), '/')
  t.end()
})
