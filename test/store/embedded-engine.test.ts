import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { EmbeddedEngine } from '../../lib/store/embedded-engine.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { libUrl, runScript } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

t.test('stores of one process share a path, and the last one frees it', async t => {
  const path = temporaryDirectory(t)
  const [first, second] = [await openStore({ path }), await openStore({ path, database: 'other' })]
  await t.rejects(openStore({ path: join(path, 'elsewhere') }), {
    code: 'LETTA_OTEL_STORE_UNAVAILABLE', message: /this process has a store at another path open/
  })
  await first.close()
  t.same(await second.engine.query('SELECT currentDatabase() AS name'), [{ name: 'other' }])
  await second.close()
  await second.close()
  const elsewhere = await openStore({ path: join(path, 'elsewhere') })
  await elsewhere.close()
  t.ok(existsSync(join(path, 'elsewhere')))
})

t.test('a directory that another process has open is said to be', async t => {
  const path = temporaryDirectory(t)
  const { engine, close } = await openStore({ path, migrate: false })
  const open = `import { openStore } from '${libUrl('store/open-store.ts')}'; await openStore({ path: '${path}', migrate: false })`
  const other = await runScript(open)
  t.match(other.stderr, /LETTA_OTEL_STORE_UNAVAILABLE.*the store at .* cannot be opened: another process has it open/s)
  t.same(await engine.query('SELECT 1 AS one'), [{ one: 1 }], 'which goes on')
  await close()
})

t.test('what is on the disk is there for the next', async t => {
  const path = temporaryDirectory(t)
  const first = await openStore({ path })
  await first.engine.insert('otel_logs', JSON.stringify({ Timestamp: String(Math.floor(Date.now() / 1_000)), Body: 'kept' }), 1)
  await first.close()
  const second = await openStore({ path })
  t.same(await second.engine.query('SELECT Body FROM otel_logs'), [{ Body: 'kept' }])
  await second.close()
})

t.test('closing waits for what runs', async t => {
  const { engine, close } = await openStore({ path: ':memory:', migrate: false })
  const running = engine.query('SELECT sum(sipHash64(number)) > 0 AS done FROM numbers(2000000)')
  await close()
  t.same(await running, [{ done: 1 }])
})

t.test('a machine without chDB is told what to do', async t => {
  const location = { path: ':memory:', database: 'otel', connectionArguments: [], queryTimeoutMs: 1_000 }
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  await t.rejects(EmbeddedEngine.open(location, async () => { throw missing }), { code: 'LETTA_OTEL_STORE_ENGINE_MISSING', message: /npm install chdb/ })
  await t.rejects(EmbeddedEngine.open(location, async () => { throw new Error('GLIBC_2.34 not found\nstack') }), {
    code: 'LETTA_OTEL_STORE_ENGINE_MISSING', message: /cannot be loaded \(GLIBC_2.34 not found\)\. It needs Linux/
  })
  await t.rejects(EmbeddedEngine.open(location, undefined, 'win32'), { code: 'LETTA_OTEL_STORE_ENGINE_MISSING', message: /does not exist for Windows/ })
})

t.test('a directory that cannot be made is said', async t => {
  const path = temporaryDirectory(t, { file: '' })
  await t.rejects(openStore({ path: join(path, 'file') }), { code: 'LETTA_OTEL_STORE_UNAVAILABLE', message: /EEXIST|ENOTDIR/ })
})
