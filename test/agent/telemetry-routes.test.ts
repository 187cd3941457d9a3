import { once } from 'node:events'
import { request } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { ROW_READER, type TelemetryRoutesOptions } from '../../lib/agent/telemetry-routes.ts'
import lettaOtel, { telemetryRoutes } from '../../lib/index.ts'
import type { ReadOptions } from '../../lib/store/rows.ts'
import { callRow } from '../store/sample-rows.ts'
import { CHAT_ANSWER } from './model-provider.ts'
import { MemoryRows } from './memory-rows.ts'
import { observedAgents } from './observed-agents.ts'

async function start (t: Test, rows: MemoryRows, options: TelemetryRoutesOptions = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  app.decorate(ROW_READER, rows)
  await app.register(telemetryRoutes, { organization: (request: FastifyRequest) => request.headers['x-org'] as string | undefined, ...options })
  return app
}

const PATHS = ['/v1/steps/step-1/trace', '/v1/telemetry/step-1', '/v1/steps/step-1/metrics', '/v1/runs/run-1/metrics', '/v1/runs/run-1/trace', '/v1/jobs/job-1/metrics']

async function recorded (t: Test): Promise<MemoryRows> {
  const agents = await observedAgents(t, { payloads: true, prices: { version: 'v1', models: { 'gpt-4o': { input: 1, output: 2 } } } })
  const { telemetry, rows } = agents
  telemetry.run({ id: 'run-1', organizationId: 'org-1' }, run => {
    run.step({ id: 'step-1' }, step => {
      for (const n of [1, 2]) step.llmCall({ provider: 'openai', model: 'gpt-4o', request: { n } }, () => CHAT_ANSWER)
      step.tool({ name: 'search' }, () => {})
    })
  })
  telemetry.jobs.create({ organizationId: 'org-1' }, 'job-1')
  await telemetry.jobs.recordTtft('job-1', 2n ** 60n, { organizationId: 'org-1' })
  await agents.flush()
  return rows
}

t.test('what an organization kept, it reads', async t => {
  const rows = await recorded(t)
  const app = await start(t, rows)
  const get = async (url: string): Promise<any> => {
    const response = await app.inject({ url, headers: { 'x-org': 'org-1' } })
    t.equal(response.statusCode, 200, `${url} ${response.body}`)
    return response.json()
  }
  const [step] = rows.rows('step_metrics')
  t.match(await get('/v1/steps/step-1/metrics'), {
    id: 'step-1',
    run_id: 'run-1',
    organization_id: 'org-1',
    provider_id: 'openai',
    outcome: 'ok',
    step_start_ns: String(step!.step_start_ns),
    step_ns: String(step!.step_ns),
    tool_execution_ns: /^\d+$/,
    ttft_ns: null,
    input_tokens: 200,
    output_tokens: 40,
    cost_usd: 280 / 1e6,
    created_at: /^\d{4}-.*Z$/
  })
  t.match(await get('/v1/runs/run-1/metrics'), { id: 'run-1', num_steps: 1, num_llm_calls: 2, tools_used: ['search'], run_ns: /^\d+$/, outcome: 'ok' })
  t.match(await get('/v1/steps/step-1/trace'), {
    step_id: 'step-1', truncated: false, provider_traces: [{ request_json: { n: 1 }, response_json: CHAT_ANSWER, is_error: false }, { request_json: { n: 2 }, payloads_omitted: false }]
  })
  t.match(await get('/v1/telemetry/step-1'), { id: rows.rows('provider_traces')[1]!.id, request_json: { n: 2 }, response_json: CHAT_ANSWER, latency_ns: /^\d+$/ })
  const trace = await get('/v1/runs/run-1/trace')
  t.match(trace, { run: { id: 'run-1' }, steps: [{ id: 'step-1' }], provider_traces: [{ step_id: 'step-1' }, { step_id: 'step-1' }], truncated: false })
  t.notOk('request_json' in trace.provider_traces[0])
  t.match(await get('/v1/jobs/job-1/metrics'), { id: 'job-1', ttft_ns: String(2n ** 60n) })
})

t.test('what is foreign is not found, as what is not there is', async t => {
  const app = await start(t, await recorded(t))
  for (const url of PATHS) {
    const foreign = await app.inject({ url, headers: { 'x-org': 'org-2' } })
    const missing = await app.inject({ url: url.replace(/-1/, '-9'), headers: { 'x-org': 'org-1' } })
    t.equal(foreign.statusCode, 404, url)
    t.equal(foreign.json().code, 'LETTA_OTEL_NOT_FOUND')
    t.strictSame(Object.keys(missing.json()), Object.keys(foreign.json()))
    t.equal(missing.statusCode, 404)
    const nobody = await app.inject(url)
    t.equal(nobody.statusCode, 401)
    t.equal(nobody.json().code, 'LETTA_OTEL_NO_ORGANIZATION')
    t.equal((await app.inject({ url, headers: { 'x-org': '' } })).statusCode, 401)
  }
  t.ok((await app.inject({ url: `/v1/runs/${'x'.repeat(201)}/metrics`, headers: { 'x-org': 'org-1' } })).statusCode >= 400)
})

t.test('of a step with many calls the first ones are told, that there are more, and the last one', async t => {
  const rows = new MemoryRows()
  for (let call = 0; call < 101; call++) rows.write('provider_traces', callRow({ id: `call-${call}`, request_start_ns: BigInt(call) }))
  const app = await start(t, rows)
  const get = async (url: string): Promise<any> => (await app.inject({ url, headers: { 'x-org': 'org-1' } })).json()
  const { provider_traces: traces, truncated } = await get(PATHS[0]!)
  t.same([traces.length, traces[0].id, traces[99].id, truncated], [100, 'call-0', 'call-99', true])
  t.equal((await get(PATHS[1]!)).id, 'call-100')
})

t.test('an answer is bounded: payloads beyond are left out, the latest first kept', async t => {
  const rows = await recorded(t)
  const big = JSON.stringify('x'.repeat(5_000_000))
  const found = rows.providerTracesOfStep.bind(rows)
  rows.providerTracesOfStep = async (...asked) => (await found(...asked)).map(trace => ({ ...trace, request_json: big, response_json: '' }))
  const app = await start(t, rows)
  const { provider_traces: traces } = (await app.inject({ url: PATHS[0]!, headers: { 'x-org': 'org-1' } })).json()
  t.match(traces, [{ request_json: null, payloads_omitted: true }, { payloads_omitted: false }])
  t.equal(traces[1].request_json.length, 5_000_000)
})

t.test('a store that is slow, or fails: 503, and not a word of why', async t => {
  const rows = new MemoryRows()
  rows.runMetrics = async () => await new Promise(() => {})
  rows.stepMetrics = async () => { throw new Error('password of user:pass@host') }
  const app = await start(t, rows, { timeoutMs: 20 })
  for (const url of [PATHS[3]!, PATHS[2]!]) {
    const response = await app.inject({ url, headers: { 'x-org': 'org-1' } })
    t.equal(response.statusCode, 503)
    t.equal(response.json().code, 'LETTA_OTEL_STORE_NO_ANSWER')
    t.notMatch(response.body, /pass/)
  }
})

t.test('bad options stop the start', async t => {
  for (const options of [{ timeoutMs: 0 }, { timeoutMs: 1.5 }, { organization: 'org-1' }]) {
    await t.rejects(async () => { await start(t, new MemoryRows(), options as never) }, { code: 'LETTA_OTEL_INVALID_OPTION' })
  }
})

/** A store that answers nobody, and says when it is asked and when it need no longer answer. */
class SlowRows extends MemoryRows {
  readonly asked = Promise.withResolvers<ReadOptions>()
  readonly givenUp = Promise.withResolvers<void>()

  override async runMetrics (_organization: string, _run: string, options: ReadOptions = {}): Promise<never> {
    const aborted = once(options.signal!, 'abort')
    this.asked.resolve(options)
    await aborted
    this.givenUp.resolve()
    throw options.signal!.reason
  }
}

t.test('a store is asked for no longer than somebody waits for the answer', async t => {
  const rows = new SlowRows()
  const errors: Error[] = []
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  app.addHook('onError', async (_request, _reply, error) => { errors.push(error) })
  app.decorate(ROW_READER, rows)
  await app.register(telemetryRoutes, { organization: () => 'org-1', timeoutMs: 60_000 })
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const client = request({ port, path: '/v1/runs/run-1/metrics', headers: { 'x-org': 'org-1' } })
  client.on('error', () => {})
  client.end()
  t.match(await rows.asked.promise, { timeoutMs: 60_000, payloadBytes: 8_388_608 })
  client.destroy()
  await rows.givenUp.promise
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(errors, [], 'a client that leaves is no error of the application\'s')

  const unasked = new SlowRows()
  const lookingUp = Promise.withResolvers<void>()
  const known = Promise.withResolvers<string>()
  const closed = Promise.withResolvers<void>()
  const other = Fastify()
  t.teardown(async () => { await other.close() })
  other.addHook('onRequest', async (_request, reply) => { reply.raw.once('close', () => { closed.resolve() }) })
  other.decorate(ROW_READER, unasked)
  await other.register(telemetryRoutes, { organization: async () => { lookingUp.resolve(); return await known.promise } })
  const impatient = request({ port: new URL(await other.listen({ host: '127.0.0.1', port: 0 })).port, path: '/v1/runs/run-1/metrics' })
  impatient.on('error', () => {})
  impatient.end()
  await lookingUp.promise
  impatient.destroy()
  await closed.promise
  known.resolve('org-1')
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => { setImmediate(resolve) })
  t.equal(await Promise.race([unasked.asked.promise, 'nothing']), 'nothing', 'who has left before is not asked for')

  const hurried = new SlowRows()
  const response = await (await start(t, hurried, { timeoutMs: 5 })).inject({ url: '/v1/runs/run-1/metrics', headers: { 'x-org': 'org-1' } })
  t.equal(response.statusCode, 503)
  await hurried.givenUp.promise
})

t.test('against the embedded store: foreign ids, bounds, and time', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', serviceName: 'test', instrumentations: false, store: { path: ':memory:' }, agents: { payloads: true } })
  await app.register(telemetryRoutes)
  await app.register(telemetryRoutes, { prefix: '/hurried', timeoutMs: 1 })
  const { telemetry } = app
  telemetry.run({ id: 'run-1', organizationId: 'org-1' }, run => {
    run.step({ id: 'step-1' }, step => {
      for (let n = 0; n < 101; n++) step.llmCall({ provider: 'acme', model: 'm', request: { text: `${n}`.padEnd(100_000, 'x') } }, () => CHAT_ANSWER)
    })
  })
  telemetry.jobs.create({ organizationId: 'org-1' }, 'job-1')
  t.equal(await telemetry.flush(), true)
  const get = async (url: string, organization: string) => await app.inject({ url, headers: { 'x-organization-id': organization } })
  for (const url of PATHS) {
    t.equal((await get(url, 'org-1')).statusCode, 200, url)
    for (const stranger of ['org-2', 'ORG-1', "org-1' OR 1=1 --"]) t.equal((await get(url, stranger)).statusCode, 404, `${url} for ${stranger}`)
    t.equal((await get(url.replace(/-1\b/, '-2'), 'org-1')).statusCode, 404, 'another id')
    t.match((await get(`/hurried${url}`, 'org-1')).json(), { statusCode: 503, code: 'LETTA_OTEL_STORE_NO_ANSWER' }, 'not in time')
  }
  const { provider_traces: calls, truncated } = (await get('/v1/steps/step-1/trace', 'org-1')).json()
  t.match([calls.length, truncated], [100, true])
  const omitted = calls.filter(({ payloads_omitted: isOmitted }: Record<string, unknown>) => isOmitted).length
  t.ok(omitted >= 15 && omitted <= 25, `${omitted} payloads of 100 kB do not fit into 8 MiB`)
})

t.test('beside the plugin, the organization is the request\'s; without a store nothing is found', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', serviceName: 'test', instrumentations: false })
  await app.register(telemetryRoutes)
  for (const url of PATHS) {
    t.equal((await app.inject({ url, headers: { 'x-organization-id': 'org-1' } })).statusCode, 404, url)
    t.equal((await app.inject(url)).statusCode, 401, url)
  }
})

t.test('below a prefix that has a parameter of its own', async t => {
  const rows = await recorded(t)
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  app.decorate(ROW_READER, rows)
  await app.register(telemetryRoutes, { prefix: '/:tenant', organization: () => 'org-1' })
  for (const path of PATHS) t.equal((await app.inject(`/some-tenant${path}`)).statusCode, 200, path)
})
