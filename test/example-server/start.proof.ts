import { createServer, type AddressInfo } from 'node:net'
import { openStore } from 'letta-otel/store'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { decode, plainAttributes } from '../export/otlp-messages.ts'
import { otlpReceiver, otlpSpans, type ReceivedExport } from '../fixtures/otlp-receiver.ts'
import { Child } from '../../example-server/launch/child.ts'
import { isAsAsked } from '../../example-server/launch/launcher.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ExampleClient, ExampleProcess, NODE_OPTIONS } from './running-example.ts'
import { storedLogLines, storedPoints, storedSpans, type StoredSpan } from './telemetry-files.ts'

const SERVER = 2
const CLIENT = 3
const MESSAGES = '/v1/agents/:agent_id/messages'

/** Without a backend, telemetry is in files, whose numbers have kept their types. */
function start (t: Test, env: Record<string, string> = {}): ExampleProcess & { lettaDirectory: string } {
  const lettaDirectory = temporaryDirectory(t)
  const example = new ExampleProcess(t, 'start.ts', {
    LETTA_DIR: lettaDirectory, PORT: '0', PROVIDER_PORT: '0', PROVIDER_FAILURE_RATE: '0', PROVIDER_FIRST_TOKEN_MS: '20', PROVIDER_TOKEN_MS: '10', ...env
  }, ['--no-backend'])
  return Object.assign(example, { lettaDirectory })
}

t.test('everything that is served is in the files when it was stopped', async t => {
  const example = start(t)
  const { server, provider } = await example.announced()
  const client = new ExampleClient(server)
  const agentId = await client.createAgent({ 'x-organization-id': 'org-1' })

  t.match(await (await client.say(agentId, '', 'What is 6 * 7?')).json(), {
    messages: [{ tool_call: { name: 'calculate' } }, { tool_return: '42' }, { message_type: 'assistant_message', content: 'The tool says: 42' }],
    usage: { step_count: 2 }
  })
  t.match(await (await client.say(agentId, '/stream', 'What time is it?')).text(), /"tool_call_message"[\s\S]*data: \[DONE\]\n\n$/)
  const { id: jobId } = await (await client.say(agentId, '/async', 'Count the words: one two three')).json() as { id: string }
  t.match(await client.jobEnd(jobId), { status: 'completed', result: { messages: [{}, { tool_return: '3' }, {}] } })
  const leaving = new AbortController()
  const left = await client.say(agentId, '/stream', 'Tell me something.', { signal: leaving.signal })
  await left.body?.getReader().read()
  leaving.abort()
  const openStream = await client.say(agentId, '/stream', 'Tell me something else.')
  const { id: lastJobId } = await (await client.say(agentId, '/async', 'Tell me more.')).json() as { id: string }

  const ended = example.ended()
  example.child.kill('SIGTERM')
  t.match(await openStream.text(), /"error_message","message":"The server is closing"[\s\S]*data: \[DONE\]\n\n$/)
  t.equal(await ended, 0, example.output)

  const spans = storedSpans(example.lettaDirectory)
  const lines = storedLogLines(example.lettaDirectory)
  const served = (route: string): StoredSpan[] => spans.filter(({ kind, name }) => kind === SERVER && name === `POST ${route}`)

  t.test('a message is one connected trace', async t => {
    const [message] = served(MESSAGES) as [StoredSpan]
    t.match(message, {
      service: 'example-agent-server',
      parentSpanId: undefined,
      attributes: { 'http.response.status_code': 200, 'organization.id': 'org-1', 'agent.step_count': 2 }
    })
    t.equal(modelCalls(t, spans, message, provider), 2)
    const ofTrace = spans.filter(({ traceId }) => traceId === message.traceId)
    const twice = ['POST', 'POST /v1/chat/completions', 'chat example-model', 'step']
    t.strictSame(ofTrace.map(({ name }) => name).sort(),
      [`POST ${MESSAGES}`, ...twice, ...twice, 'evaluate', 'execute_tool calculate', 'invoke_agent Ada'].sort(), 'and nothing else is in it')

    const own = lines.filter(line => line.trace_id === message.traceId && line.logger === 'example-agent-server')
    t.match(own.map(line => line.message), ['incoming request', 'request completed'])
    for (const line of own) t.match(line, { span_id: message.spanId, agent_id: agentId, 'dd.service': 'example-agent-server' })
    const spanIds = new Set(ofTrace.map(({ spanId }) => spanId))
    const ofModel = lines.filter(line => line.trace_id === message.traceId && line.logger === 'example-provider')
    t.equal(ofModel.length, 4)
    t.ok(ofModel.every(line => spanIds.has(line.span_id)))
  })

  t.test('so are streams, also with a tool between two calls of the model', async t => {
    const [whole, abandoned, cut] = served(`${MESSAGES}/stream`)
      .toSorted((a: any, b: any) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano))) as [StoredSpan, StoredSpan, StoredSpan]
    t.equal(modelCalls(t, spans, whole, provider), 2)
    t.match(whole.attributes, { 'letta.ttfb_ms': Number, 'http.response.status_code': 200 })
    t.match(abandoned.attributes, { 'http.response.status_code': 200, 'error.type': 'client_disconnected' })
    t.equal(modelCalls(t, spans, abandoned, provider), 1)
    t.notHas(cut.attributes, { 'error.type': String })
    t.equal(modelCalls(t, spans, cut, provider), 1)
  })

  t.test('and jobs, also one that ran when the server was stopped', async t => {
    const [first, last] = [jobId, lastJobId].map(id => {
      const { trace_id: traceId } = lines.find(line => line.job_id === id && line.message === 'job completed') ?? {}
      return served(`${MESSAGES}/async`).find(span => span.traceId === traceId) as StoredSpan
    }) as [StoredSpan, StoredSpan]
    t.equal(modelCalls(t, spans, first, provider), 2)
    t.equal(modelCalls(t, spans, last, provider), 1)
  })

  t.test('every parent is there', async t => {
    const ids = new Set(spans.map(({ spanId }) => spanId))
    t.strictSame(spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId)), [])
  })

  t.test('how each run ended is kept, beside the logs', async t => {
    const store = await openStore({ path: join(example.lettaDirectory, 'example-server', 'data') })
    t.teardown(async () => { await store.close() })
    t.strictSame(await store.engine.query('SELECT outcome, toUInt32(count()) AS runs FROM run_metrics FINAL GROUP BY outcome ORDER BY outcome'), [
      { outcome: 'cancelled', runs: 1 }, { outcome: 'disconnected', runs: 1 }, { outcome: 'ok', runs: 4 }
    ])
    t.match(await store.rows.job('org-1', jobId), { ttft_ns: BigInt, total_duration_ns: BigInt })
  })

  t.test('the endpoints are counted', async t => {
    const count = (metric: string, wanted: Record<string, unknown>): number => storedPoints(example.lettaDirectory)
      .filter(point => point.metric === metric && Object.entries(wanted).every(([name, value]) => point.attributes[name] === value))
      .reduce((sum, point) => sum + point.count, 0)
    for (const [path, requests] of [[MESSAGES, 1], [`${MESSAGES}/stream`, 3], [`${MESSAGES}/async`, 2]] as const) {
      const endpoint = { endpoint_path: path, method: 'POST', status_code: 200, 'organization.id': 'org-1' }
      t.equal(count('hist_endpoint_e2e_ms', endpoint), requests, path)
      t.equal(count('count_endpoint_requests', endpoint), requests, path)
      t.equal(count('http.server.request.duration', { 'http.route': path }), requests, path)
    }
    t.equal(count('http.server.request.duration', { 'http.route': '/v1/chat/completions' }), 9)
  })
})

/**
 * Checks the run below a server span: its steps, and in each the calls of the model, with the request that each is and the
 * model's server span below that.
 */
function modelCalls (t: Test, spans: readonly StoredSpan[], server: StoredSpan, provider: string): number {
  const within = (parent: StoredSpan): StoredSpan[] => spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId)
  const runs = within(server)
  t.match(runs, [{ name: 'invoke_agent Ada', traceId: server.traceId, service: 'example-agent-server' }])
  const steps = runs.flatMap(within)
  for (const step of steps) t.match(step, { name: 'step', attributes: { 'run.id': runs[0]?.attributes['run.id'] } })
  const calls = steps.flatMap(within).filter(({ kind }) => kind === CLIENT)
  for (const call of calls) {
    t.match(call, { name: 'chat example-model' })
    const requests = within(call)
    t.match(requests, [{ kind: CLIENT, attributes: { 'url.full': `${provider}/v1/chat/completions` } }])
    t.match(requests.flatMap(within), [
      { kind: SERVER, traceId: server.traceId, service: 'example-provider', name: 'POST /v1/chat/completions' }
    ])
  }
  return calls.length
}

t.test('with an endpoint the log lines are sent too, as records of the spans', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const example = start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const { server } = await example.announced()
  const client = new ExampleClient(server)
  t.equal((await client.say(await client.createAgent(), '', 'Hello')).status, 200)
  const ended = example.ended()
  example.child.kill('SIGTERM')
  t.equal(await ended, 0, example.output)

  const sent = (path: string): ReceivedExport[] => receiver.received.filter(one => one.path === path)
  const message = sent('/v1/traces').flatMap(({ json }) => otlpSpans(json)).find(({ name, kind }) => kind === SERVER && name === `POST ${MESSAGES}`)
  const resources: any[] = sent('/v1/logs').flatMap(({ body }) => decode('LogsRequest', body).resourceLogs)
  const records: any[] = resources.flatMap(({ resource, scopeLogs }) => scopeLogs.flatMap(({ logRecords }: any) => logRecords.map((record: any) => (
    { ...record, service: plainAttributes(resource.attributes)['service.name'] }))))
  t.match(records.filter(({ spanId }) => spanId === Buffer.from(message.spanId, 'hex').toString('base64')), [
    { service: 'example-agent-server', severityText: 'info', body: { stringValue: 'incoming request' } },
    { service: 'example-agent-server', severityText: 'info', body: { stringValue: 'request completed' } }
  ])
  const ofTrace = records.filter(({ traceId }) => traceId === Buffer.from(message.traceId, 'hex').toString('base64'))
  t.ok(ofTrace.some(({ service }) => service === 'example-provider'), 'those of the model are in the same trace')
  t.ok(records.some(({ body }) => body.stringValue === 'closing'), 'the last lines arrived')
})

t.test('it says what to try and where the telemetry goes', async t => {
  const example = start(t)
  const { server, provider } = await example.announced()
  const ended = example.ended()
  example.child.kill('SIGINT')
  // As with npm: the terminal tells the whole group, and npm tells its child again.
  example.child.kill('SIGINT')
  t.equal(await ended, 0)
  t.notMatch(example.output, 'so the example ends too')
  for (const text of [server, provider, `${example.lettaDirectory}/logs/traces.json`, `${example.lettaDirectory}/example-server/data`, '/v1/runs/<run_id>/trace']) t.ok(example.output.includes(text), text)
  t.equal(example.output.match(/^ {2}curl .*agent-[0-9a-f-]{36}\/messages/gm)?.length, 3)
})

t.test('it stops when it is told to while it starts', async t => {
  const example = start(t)
  const ended = example.ended()
  // The server's first line: it listens, but has not been asked whether it answers.
  await once(example.child.stdout as Readable, 'data')
  example.child.kill('SIGTERM')
  t.equal(await ended, 0)
})

t.test('a process that is stopped before it listens for signals has ended as it was asked to', async t => {
  const child = new Child({ name: 'child', script: '../test/fixtures/wait-for-ever.ts', env: { ...process.env, NODE_OPTIONS }, stdout: 'ignore' })
  const exit = await child.stop('SIGINT')
  t.match(exit, { code: null, signal: 'SIGINT' })
  t.equal(isAsAsked(exit, 'SIGINT'), true)
  t.equal(isAsAsked(exit, 'SIGTERM'), false)
  t.equal(isAsAsked({ child, code: 1, signal: null }, 'SIGINT'), false)
})

t.test('a process whose parent has gone before it listens stops, too', async t => {
  const listen = `process.once('disconnect', async () => {
    const { stopRequest } = await import(${JSON.stringify(new URL('../../example-server/stop-request.ts', import.meta.url).href)})
    console.log(await stopRequest())
  })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', listen], { env: { ...process.env, NODE_OPTIONS }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  t.teardown(() => { child.kill('SIGKILL') })
  child.disconnect()
  t.equal(await text(child.stdout!), 'SIGTERM\n')
})

t.test('it ends when one of its processes ends', async t => {
  const example = start(t)
  const { server } = await example.announced()
  const ended = example.ended()
  const pid = serverPid(example.output)
  process.kill(pid, 'SIGKILL')
  t.equal(await ended, 137, 'as a shell says of SIGKILL')
  t.match(example.output, 'The agent server ended (SIGKILL), so the example ends too.')
  await t.rejects(fetch(server))
})

/** The server's own lines are on the screen. */
function serverPid (output: string): number {
  return JSON.parse(output.split('\n').find(line => line.startsWith('{')) ?? '{}').pid
}

t.test('a port in use is told in one sentence', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => { other.close() })
  const port = String((other.address() as AddressInfo).port)
  for (const variable of ['PORT', 'PROVIDER_PORT']) {
    const example = start(t, { [variable]: port })
    t.equal(await example.ended(), 1)
    t.equal(example.output.trimEnd(), `Port ${port} on 127.0.0.1 is already in use: end what listens there, or choose another port with ${variable}.`)
  }
})

t.test('a setting that cannot work is told in one sentence', async t => {
  const example = start(t, { PROVIDER_FAILURE_RATE: 'often' })
  t.equal(await example.ended(), 1)
  t.equal(example.output.trimEnd(), 'PROVIDER_FAILURE_RATE is "often": use a number from 0 to 1.')
})

t.test('a setting that letta-otel refuses is told in one sentence too', async t => {
  const example = start(t, { CLICKHOUSE_ENDPOINT: 'clickhouse' })
  t.equal(await example.ended(), 1)
  t.match(example.output.trimEnd(), /^environment variable CLICKHOUSE_ENDPOINT cannot be "clickhouse": .*$/)
})
