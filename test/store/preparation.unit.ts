import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openStore, type Store } from '../../lib/store/open-store.ts'
import type { CommonStoreOptions } from '../../lib/store/store-options.ts'
import { clickhouseServer, PASSWORD } from '../fixtures/clickhouse-http.ts'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

interface Waiting {
  readonly store: Store
  readonly problems: string[]
}

/** A store as an application opens it, which never writes a row. */
async function open (t: Test, url: string, options: CommonStoreOptions = {}): Promise<Waiting> {
  const problems: string[] = []
  const store = await openStore({ url, password: PASSWORD, waitForEngine: false, onProblem: problem => { problems.push(problem) }, ...options })
  t.teardown(async () => { await store.close() })
  return { store, problems }
}

t.test('what is wrong with tables is told at the start, to who writes nothing', async t => {
  const server = await clickhouseServer(temporaryDirectory(t))
  t.teardown(async () => { await server.close() })
  const fresh = await open(t, server.url)
  await fresh.store.ready
  t.strictSame(fresh.problems, [])

  const shorter = await open(t, server.url, { retention: { otel_logs: { days: 2 } } })
  await t.rejects(shorter.store.ready, { code: 'LETTA_OTEL_STORE_RETENTION_SHORTER' })
  t.match(shorter.problems, [/otel_logs/])

  await fresh.store.engine.insert('schema_migrations', JSON.stringify({ version: 999, name: 'of-tomorrow' }), 1)
  const old = await open(t, server.url)
  await t.rejects(old.store.ready, { code: 'LETTA_OTEL_STORE_TOO_NEW' })
  t.match(old.problems, [/999/])
})

t.test('a server that is away is waited for, by nobody but the store', async t => {
  const port = await freePort()
  const { store, problems } = await open(t, `http://127.0.0.1:${port}`)
  const never = await open(t, `http://127.0.0.1:${port}`)
  await never.store.close()
  await t.rejects(never.store.ready, { code: 'LETTA_OTEL_STORE_UNAVAILABLE' }, 'not for longer than the store is open')

  const server = await clickhouseServer(join(temporaryDirectory(t, { data: {} }), 'data'), port)
  t.teardown(async () => { await server.close() })
  await store.ready
  t.match(problems, [/cannot be opened: .*ECONNREFUSED/], 'told once')
  t.match(await store.engine.query("SELECT count() > 0 AS there FROM system.tables WHERE database = 'otel' AND name = 'run_metrics'"), [{ there: 1 }])
})

t.test('a store that has waited is ready', async () => {
  const store = await openStore({ path: ':memory:', migrate: false })
  await store.ready
  await store.close()
})
