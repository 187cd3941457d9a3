import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import t from 'tap'
import lettaOtel from '../../lib/index.ts'
import { Closing } from '../../lib/runtime/closing.ts'
import { openStore } from '../../lib/store/open-store.ts'
import type { StoreOptions } from '../../lib/store/store-options.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

delete process.env['NODE_ENV']
process.env['LETTA_DIR'] = temporaryDirectory(t)

t.test('a process that is killed while it waits for a request leaves a complete record', async t => {
  const path = join(temporaryDirectory(t, {}), 'data')
  const child = fork(fileURLToPath(new URL('closing-process.ts', import.meta.url)), [path], { execArgv: [] })
  t.teardown(() => { child.kill('SIGKILL') })
  const said: unknown[] = []
  const saysNext = async (): Promise<void> => { said.push((await once(child, 'message'))[0]) }
  await saysNext()
  child.send('close')
  await saysNext()
  await saysNext()
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.strictSame(said, ['open', 'running', 'incomplete'], 'rows leave when closing begins, and again when the time is over')
  const { rows, close } = await openStore({ path })
  t.teardown(close)
  t.match(await rows.traceOfRun('org-1', 'run-1', 10), { run: { outcome: 'incomplete', num_steps: 1 }, steps: [{ id: 'step-1', outcome: 'incomplete' }] })
})

t.test('closing takes its limit once, where the store answers nothing and there is no disk', async t => {
  const sockets = new Set<{ destroy (): void }>()
  const server = createServer(socket => { sockets.add(socket) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const app = Fastify()
  const store = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spool: undefined } as object as StoreOptions
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, store, shutdownTimeoutMs: 800 })
  app.telemetry.run({ organizationId: 'org-1' }, () => {})
  app.telemetry.startRun({ organizationId: 'org-1' })
  const begun = performance.now()
  await app.close()
  const took = performance.now() - begun
  t.ok(took > 300 && took < 1_100, `${took} ms`)
})

t.test('work is given up once the limit is over, and before anything is closed', async t => {
  const told: string[] = []
  const { promise: givenUp, resolve } = Promise.withResolvers<void>()
  const closing = new Closing({
    runtime: { flush: async () => told.push('flush') > 0 },
    release: async () => told.push('release') > 0
  }, 5)
  closing.begin()
  t.strictSame(told.splice(0), ['flush'], 'also while it starts')
  closing.include({ agents: { giveUp () { told.push('give up'); resolve() }, flush: async () => { told.push('flush rows') } } })
  closing.include({ store: { close: async () => { told.push('close') } } })
  const alive = setTimeout(() => {}, 30_000)
  await givenUp
  clearTimeout(alive)
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(told.splice(0), ['give up', 'flush', 'flush rows'])
  await closing.end()
  t.strictSame(told.splice(0), ['give up', 'close', 'release'])
  closing.begin()
  await closing.end()
  t.strictSame(told, ['flush', 'flush rows', 'give up', 'close', 'release'], 'closed in time, nothing is given up twice')
})
