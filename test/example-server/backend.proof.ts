import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openStore } from 'letta-otel/store'
import t, { type Test } from 'tap'
import { portToListenOn } from '../../example-server/backend/port-to-listen-on.ts'
import { startOptions } from '../../example-server/launch/start-options.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ExampleClient, ExampleProcess, NODE_OPTIONS } from './running-example.ts'

function start (t: Test, env: Record<string, string> = {}, files: Record<string, string> = {}): ExampleProcess & { lettaDirectory: string } {
  const lettaDirectory = temporaryDirectory(t, files)
  const example = new ExampleProcess(t, 'start.ts', {
    LETTA_DIR: lettaDirectory,
    PORT: '0',
    PROVIDER_PORT: '0',
    BACKEND_PORT: '0',
    BACKEND_CLICKHOUSE_PORT: '0',
    PROVIDER_FAILURE_RATE: '0',
    PROVIDER_FIRST_TOKEN_MS: '20',
    PROVIDER_TOKEN_MS: '10',
    ...env
  })
  return Object.assign(example, { lettaDirectory })
}

/** Asks as the page does, until there is a row. */
async function firstRow (page: string, question: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { rows } = await (await fetch(`${page}/api/queries/${question}`)).json() as { rows: Array<Record<string, unknown>> }
    if (rows[0] !== undefined) return rows[0]
    await pause(20)
  }
}

t.test('what is served is on the page, and kept when all has ended', async t => {
  const example = start(t)
  const { server, page } = await example.announced()
  t.match(example.output, `  Open ${page} to see what the agent server does.\n`)
  t.notMatch(example.output, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'one address is enough')
  t.match(await (await fetch(page!)).text(), '<!doctype html>')
  const client = new ExampleClient(server)
  const agentId = await client.createAgent()

  const took: number[] = []
  for (let request = 0; request < 10; request++) {
    const traceId = randomBytes(16).toString('hex')
    const answer = await fetch(`${server}/v1/agents/${agentId}`, { headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` } })
    const answeredAt = performance.now()
    t.equal(answer.status, 200)
    t.match(await firstRow(page!, `trace?trace=${traceId}`), { name: 'GET /v1/agents/:agent_id', service: 'example-agent-server' })
    took.push(Math.round(performance.now() - answeredAt))
  }
  t.comment(`milliseconds until a request is found: ${took.sort((one, other) => one - other).join(', ')}`)

  await (await client.say(agentId, '', 'What is 6 * 7?', { headers: { 'x-organization-id': 'org-1' } })).json()
  t.match(await firstRow(page!, 'runs?outcome=ok'), { agent_id: agentId, organization_id: 'org-1', models: 'example-model', tools: 'calculate' })

  const lastTraceId = randomBytes(16).toString('hex')
  await client.say(agentId, '', 'Hello', { headers: { traceparent: `00-${lastTraceId}-${randomBytes(8).toString('hex')}-01` } })
  const ended = example.ended()
  example.child.kill('SIGINT')
  t.equal(await ended, 0, example.output)
  await t.rejects(fetch(page!))
  t.notOk(existsSync(join(example.lettaDirectory, 'logs/traces.json')), 'nothing of it is in files')
  const store = await openStore({ path: join(example.lettaDirectory, 'example-server/data') })
  t.teardown(async () => { await store.close() })
  const count = async (sql: string): Promise<unknown> => (await store.engine.query(`SELECT toUInt32(count()) AS count FROM ${sql}`))[0]
  t.strictSame(await count(`otel_traces WHERE TraceId = '${lastTraceId}' AND SpanKind = 'Server'`), { count: 2 }, 'of the server and of the model')
  t.strictSame(await count("run_metrics FINAL WHERE outcome = 'ok'"), { count: 2 })
  t.strictSame(await count("otel_logs WHERE Body = 'closing'"), { count: 2 }, 'the last lines arrived')
})

t.test('when the launcher is killed, the backend goes too', async t => {
  const example = start(t, { LETTA_DEV_TOKEN: 'not for the example' })
  const { page } = await example.announced()
  t.equal((await fetch(`${page}/api/queries`)).status, 200)
  // Its pipes are closed when the last process that writes to them has ended.
  const ended = example.ended()
  example.child.kill('SIGKILL')
  await ended
  await t.rejects(fetch(page!))
})

/** What `require` says on a platform that chDB is not built for. */
const WITHOUT_CHDB = `
const { Module } = require('node:module')
const load = Module._load
Module._load = (name, ...rest) => {
  if (name === 'chdb') throw new Error('no such module')
  return load(name, ...rest)
}`

t.test('without chDB there is no page, and it is said', async t => {
  const example = start(t, { NODE_OPTIONS: `${NODE_OPTIONS} --require ${join(t.testdirName, 'without-chdb.cjs')}` }, { 'without-chdb.cjs': WITHOUT_CHDB })
  const { page } = await example.announced()
  t.equal(page, undefined)
  t.match(example.output, /^There is no page: chDB, .*\(there is none for Windows\)\. Telemetry goes to files\.$/m)
  t.ok(example.output.includes(join(example.lettaDirectory, 'logs/traces.json')))
  const ended = example.ended()
  example.child.kill('SIGTERM')
  t.equal(await ended, 0, example.output)
})

t.test('a port in use', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => { other.close() })
  const { port } = other.address() as AddressInfo
  t.test('is told in one sentence where somebody chose it', async t => {
    for (const variable of ['BACKEND_PORT', 'BACKEND_CLICKHOUSE_PORT']) {
      const example = start(t, { [variable]: String(port) })
      t.equal(await example.ended(), 1)
      t.equal(example.output.trimEnd(), `Port ${port} on 127.0.0.1 is already in use: end what listens there, or choose another port with ${variable}.`)
    }
  })
  t.test('leads to another else', async t => {
    const said = t.capture(console, 'error', () => {})
    const wanted = { what: 'page', host: '127.0.0.1', port, variable: 'BACKEND_PORT' }
    const instead = await portToListenOn({ ...wanted, isChosen: false })
    t.not(instead, port)
    t.strictSame(said().map(({ args }) => args), [[`Port ${port} on 127.0.0.1 is already in use, so the page is on port ${instead} this time; BACKEND_PORT chooses a port.`]])
    t.equal(await portToListenOn({ ...wanted, port: instead, isChosen: true }), instead)
  })
})

t.test('there is a backend where nothing says where telemetry goes', async t => {
  const receiver = (args: string[], env: Record<string, string> = {}): string => startOptions(args, env).receiver
  t.equal(receiver([]), 'backend')
  t.equal(receiver([], { OTEL_EXPORTER_OTLP_ENDPOINT: '' }), 'backend')
  t.equal(receiver(['--no-backend']), 'none')
  t.equal(receiver(['--collector']), 'collector')
  for (const [name, value] of Object.entries({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://127.0.0.1:1/v1/logs', LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true', NODE_ENV: 'test'
  })) t.equal(receiver([], { [name]: value }), 'none', name)
})
