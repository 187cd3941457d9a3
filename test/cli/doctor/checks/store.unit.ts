import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { checkClockSkew } from '../../../../lib/cli/doctor/checks/clock-skew.ts'
import { checkSchema } from '../../../../lib/cli/doctor/checks/schema.ts'
import { checkStore } from '../../../../lib/cli/doctor/checks/store.ts'
import { openStore } from '../../../../lib/store/open-store.ts'
import { clickhouseServer, PASSWORD } from '../../../fixtures/clickhouse-http.ts'
import { temporaryDirectory } from '../../../temporary-directory.ts'
import { inspect, nobody, serve } from '../inspect.ts'

t.test('a directory', async t => {
  const root = temporaryDirectory(t)
  const env = { LETTA_DIR: root }
  const none = inspect(env)
  t.match(await checkStore(none), { status: 'skipped', found: new RegExp(`CLICKHOUSE_ENDPOINT is not set, and ${root}/data does not exist`) })
  t.match(await checkSchema(none), { status: 'skipped' })
  t.notOk(existsSync(join(root, 'data')), 'looking makes nothing')

  const store = await openStore({ path: join(root, 'data') })
  const busy = inspect(env, { timeoutMs: 20_000 })
  t.match(await checkStore(busy), { status: 'ok', found: `${root}/data is in use by another process, as while a server runs` })
  t.match(await checkSchema(busy), { status: 'skipped', found: /another process/ })
  await store.engine.command('DROP TABLE schema_migrations')
  await store.close()

  const old = inspect(env, { timeoutMs: 20_000 })
  t.match(await checkStore(old), { status: 'ok', found: `${root}/data can be opened` })
  t.match(await checkSchema(old), { status: 'failure', found: /schema version 0 of \d+: traces, .* are missing/, advice: 'run: letta-otel store migrate' })

  t.match(await checkStore(inspect(env, { timeoutMs: 1 })), { status: 'failure', found: /was not open within 1 ms/ }, 'and it is not waited for longer')
  t.match(await checkStore(inspect({ LETTA_DIR: temporaryDirectory(t, { data: 'a file' }) }, { timeoutMs: 20_000 })), { status: 'failure', found: /cannot be opened/, advice: /may write/ })
})

t.test('a server', async t => {
  const server = await clickhouseServer(temporaryDirectory(t))
  t.teardown(async () => { await server.close() })
  const env = { CLICKHOUSE_ENDPOINT: server.url, CLICKHOUSE_PASSWORD: PASSWORD }
  const empty = inspect(env)
  t.match(await checkStore(empty), { status: 'ok', found: new RegExp(`^${server.url} answers: ClickHouse \\d+\\..*, one server$`) })
  t.match(await checkSchema(empty), { status: 'failure', found: 'there is no database otel', advice: 'run: letta-otel store migrate' })
  t.match(await checkClockSkew(empty), { status: 'ok', found: /^the store's clock agrees within \d/ })
  t.match(await checkSchema(inspect(env)), { status: 'failure' }, 'looking makes nothing')

  const store = await openStore({ url: server.url, password: PASSWORD })
  t.match(await checkSchema(inspect(env)), { status: 'ok', found: /^database otel has schema version \d+, the newest$/ })
  await store.engine.insert('schema_migrations', '{"version":999,"name":"future"}', 1)
  await store.close()
  t.match(await checkSchema(inspect(env)), { status: 'failure', found: /version 999, and this version knows/, advice: /upgrade/ })

  const wrong = inspect({ ...env, CLICKHOUSE_PASSWORD: 'hunter2' })
  const refused = await checkStore(wrong)
  t.match(refused, { status: 'failure', found: /Authentication failed/, advice: /CLICKHOUSE_PASSWORD/ })
  t.notMatch(JSON.stringify(refused), 'hunter2')
  t.match(await checkSchema(wrong), { status: 'skipped', found: 'the store cannot be asked' })
})

t.test('a server that is no help', async t => {
  const absent = await checkStore(inspect({ CLICKHOUSE_ENDPOINT: `http://someone:hunter2@${(await nobody()).slice(7)}` }))
  t.match(absent, { status: 'failure', found: /ECONNREFUSED/, advice: /8123/ })
  t.notMatch(JSON.stringify(absent), 'hunter2')

  const silent = createServer()
  const sockets: Array<{ destroy (): void }> = []
  silent.on('connection', socket => { sockets.push(socket) }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const start = performance.now()
  const { port } = silent.address() as { port: number }
  t.match(await checkStore(inspect({ CLICKHOUSE_ENDPOINT: `http://127.0.0.1:${port}` }, { timeoutMs: 200 })), { status: 'failure', found: /did not answer within 200 ms/ })
  t.ok(performance.now() - start < 3_000)

  const echo = await serve(t, (request, response) => { response.writeHead(500).end(`no such user: ${request.headers.authorization ?? ''} hunter2`) })
  const echoed = await checkStore(inspect({ CLICKHOUSE_ENDPOINT: echo, CLICKHOUSE_PASSWORD: 'hunter2' }))
  t.match(echoed, { status: 'failure' })
  t.notMatch(JSON.stringify(echoed), /hunter2|aHVudGVyMg|ZGVmYXVsdDpodW50ZXIy/)
  t.match(await checkStore(inspect({ CLICKHOUSE_ENDPOINT: 'clickhouse:8123' })), { status: 'failure', found: /CLICKHOUSE_ENDPOINT cannot be/ })
})
