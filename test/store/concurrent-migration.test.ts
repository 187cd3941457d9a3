import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readMigrations } from '../../lib/store/migrate.ts'
import { openStore } from '../../lib/store/open-store.ts'
import type { StoreOptions } from '../../lib/store/store-options.ts'
import { clickhouseServer, PASSWORD } from '../fixtures/clickhouse-http.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Opens the store in processes of their own, at the same moment, and gives what each came to. */
async function openAtOnce (options: StoreOptions, processes: number): Promise<unknown[]> {
  const children = Array.from({ length: processes }, () => fork(fileURLToPath(new URL('server-process.ts', import.meta.url)), [JSON.stringify(options)], { execArgv: [] }))
  await Promise.all(children.map(async child => await once(child, 'message')))
  const outcomes = children.map(async child => {
    const [[outcome]] = await Promise.all([once(child, 'message'), once(child, 'exit')])
    return outcome as unknown
  })
  for (const child of children) child.send('go')
  return await Promise.all(outcomes)
}

t.test('several processes migrate one server at once', async t => {
  const server = await clickhouseServer(temporaryDirectory(t))
  t.teardown(async () => { await server.close() })
  const options = { url: server.url, password: PASSWORD }
  t.same(await openAtOnce(options, 4), Array(4).fill('opened'))
  const { engine, close } = await openStore(options)
  t.same(
    (await engine.query<{ version: number }>('SELECT version FROM schema_migrations FINAL ORDER BY version')).map(({ version }) => version),
    (await readMigrations()).map(({ version }) => version))
  t.match(await engine.query("SELECT count() > 20 AS all FROM system.tables WHERE database = 'otel'"), [{ all: 1 }])
  await close()
})

t.test('one process at a time holds the directory of an embedded store', async t => {
  const path = temporaryDirectory(t)
  const store = await openStore({ path })
  t.same(await openAtOnce({ path }, 2), ['LETTA_OTEL_STORE_UNAVAILABLE', 'LETTA_OTEL_STORE_UNAVAILABLE'])
  await store.close()
  t.same(await openAtOnce({ path }, 1), ['opened'], 'and another when it is closed')
})
