import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import lettaOtel, { telemetryRoutes, type LettaOtelOptions } from '../../lib/index.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { clickhouseServer, PASSWORD } from '../fixtures/clickhouse-http.ts'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

delete process.env['CLICKHOUSE_ENDPOINT']
delete process.env['NODE_ENV']
process.env['LETTA_DIR'] = temporaryDirectory(t)

async function application (t: Test, options: LettaOtelOptions): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, logs: false, ...options })
  await app.register(telemetryRoutes)
  return app
}

t.test('what agents do is kept in the store, and found by the routes of the organization alone', async t => {
  const app = await application(t, { store: { path: ':memory:' }, agents: { payloads: true } })
  app.post('/work', async () => {
    await app.telemetry.run({ id: 'run-1', agentId: 'agent-1' }, async run => {
      await run.step({ id: 'step-1' }, async step => {
        const call = step.startLlmCall({ provider: 'acme', model: 'acme-1', request: { prompt: 'What is 6 * 7?' } })
        call.end({ response: { answer: '42' }, usage: { inputTokens: 7, outputTokens: 2 } })
      })
    })
    return 'done'
  })
  const headers = { 'x-organization-id': 'org-1' }
  t.equal((await app.inject({ method: 'POST', url: '/work', headers })).body, 'done')
  t.equal(await app.telemetry.flush(), true)
  const trace = await app.inject({ url: '/v1/runs/run-1/trace', headers })
  t.match(trace.json(), {
    run: { id: 'run-1', outcome: 'ok', num_steps: 1, num_llm_calls: 1, output_tokens: 2 },
    steps: [{ id: 'step-1', outcome: 'ok' }],
    provider_traces: [{ provider: 'acme', model: 'acme-1', input_tokens: 7 }]
  })
  t.match((await app.inject({ url: '/v1/telemetry/step-1', headers })).body, /What is 6 \* 7\?/)
  t.equal((await app.inject({ url: '/v1/runs/run-1/trace', headers: { 'x-organization-id': 'org-2' } })).statusCode, 404)
  t.equal((await app.inject({ url: '/v1/runs/run-1/trace' })).statusCode, 401)
})

t.test('a server that is away keeps nobody from starting or answering', async t => {
  const app = await application(t, { store: { url: `http://127.0.0.1:${await freePort()}` }, shutdownTimeoutMs: 100 })
  app.get('/', async () => app.telemetry.run(() => 'done'))
  t.equal((await app.inject('/')).body, 'done')
  t.match((await app.inject({ url: '/v1/runs/run-1/metrics', headers: { 'x-organization-id': 'org-1' } })).json(), { code: 'LETTA_OTEL_STORE_NO_ANSWER' })
})

t.test('tables of a server that cannot be used are told in the log when the application starts', async t => {
  const server = await clickhouseServer(temporaryDirectory(t))
  t.teardown(async () => { await server.close() })
  const store = { url: server.url, password: PASSWORD }
  await (await openStore(store)).close()
  const { promise: told, resolve: tell } = Promise.withResolvers<object>()
  const app = Fastify({ logger: { stream: { write (line: string) { if (line.includes('retention')) tell(JSON.parse(line)) } } } })
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, store: { ...store, retention: { otel_logs: { days: 2 } } } })
  t.match(await told, { level: 40, msg: /otel_logs/ })
})

t.test('rows that wait for one store never get into another', async t => {
  const rows = join(process.env['LETTA_DIR']!, 'spool', 'keyed', 'rows')
  const open = async (store: NonNullable<LettaOtelOptions['store']>): Promise<number> => {
    await application(t, { serviceName: 'keyed', store, shutdownTimeoutMs: 100 })
    return readdirSync(rows).length
  }
  t.equal(await open({ url: 'http://127.0.0.1:1' }), 1)
  t.equal(await open({ url: 'http://user:password@127.0.0.1:1/' }), 1, 'whoever asks')
  t.equal(await open({ url: 'http://127.0.0.1:1', database: 'other' }), 2)
  t.equal(await open({ url: 'http://127.0.0.1:2' }), 3)
  t.equal(await open({ url: 'http://127.0.0.1:1', cluster: 'all' }), 4)
})

t.test('under a test runner, rows stay away from the server that the environment names', async t => {
  let connections = 0
  const server = createServer(socket => { connections++; socket.destroy() }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  Object.assign(process.env, { NODE_ENV: 'test', CLICKHOUSE_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  t.teardown(() => { for (const name of ['NODE_ENV', 'CLICKHOUSE_ENDPOINT']) delete process.env[name] })
  const app = await application(t, { store: true })
  await app.telemetry.run({ organizationId: 'org-1' }, async () => {})
  t.equal(await app.telemetry.flush(), true)
  await app.close()
  t.equal(connections, 0)
})

t.test('a store that cannot be is refused at registration', async t => {
  await t.rejects(application(t, { store: true }), { code: 'LETTA_OTEL_INVALID_OPTION', message: /"store" cannot be true: set CLICKHOUSE_ENDPOINT/ })
  for (const store of [{ url: 'ftp://x' }, { ulr: 'http://x' }, { pathh: 'x' }, {}, { path: undefined }, { url: undefined, path: undefined }] as never[]) {
    await t.rejects(application(t, { store }), { code: 'LETTA_OTEL_INVALID_OPTION' }, JSON.stringify(store))
  }
})
