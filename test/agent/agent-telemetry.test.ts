/** Agent telemetry as the plugin puts it together. */
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { NO_AGENTS } from '../../lib/agent/no-agents.ts'
import lettaOtel, { setContextAttributes, type LettaOtelOptions } from '../../lib/index.ts'
import { finishedSpans, metrics, reset } from '../../lib/testing.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { CHAT_ANSWER, json, modelProvider } from './model-provider.ts'
import { agentMetrics, observedAgents } from './observed-agents.ts'
import { scope } from './scope.ts'

useEnvironment({})

async function start (t: Test, options: LettaOtelOptions = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', serviceName: 'test', instrumentations: false, ...options })
  await reset().catch(() => {})
  return app
}

/** Uses everything there is; it behaves the same whether or not anything is recorded. */
async function useAll (t: Test, app: FastifyInstance): Promise<void> {
  const { url } = await modelProvider(t, json(CHAT_ANSWER))
  const { telemetry } = app
  const ask = async (): Promise<unknown> => await (await telemetry.fetch(`${url}/chat/completions`, { method: 'POST', body: '{"model":"m","messages":[]}' })).json()
  t.equal(await telemetry.run({ id: 'run-1' }, async run => {
    t.equal(run.id, 'run-1')
    t.equal(run.within(() => 5), 5)
    return await run.step({ id: 'step-1' }, async step => {
      t.equal(step.id, 'step-1')
      t.strictSame(await ask(), CHAT_ANSWER)
      t.equal(await step.llmCall({ provider: 'a', model: 'b' }, async call => await call.watch(Promise.resolve(7))), 7)
      return step.tool({ name: 'c' }, () => 'd')
    })
  }), 'd')
  t.equal(telemetry.run(run => run.step(() => 'sync')), 'sync')
  await scope(use => {
    const run = use(telemetry.startRun())
    const step = use(run.startStep())
    const call = use(step.startLlmCall({ provider: 'a', model: 'b' }))
    const tool = use(step.startTool({ name: 'c' }))
    t.equal(tool.within(() => 1), 1)
    call.end({ usage: { outputTokens: 1 } })
    tool.end()
    step.end()
    run.end()
  })
  await telemetry.jobs.recordTtft(telemetry.jobs.create({ organizationId: 'a' }), 1, { organizationId: 'a' })
  t.equal(await telemetry.providerTraces.getByStepId('step-1', { organizationId: 'a' }), undefined)
  t.equal(await telemetry.flush(), true)
}

t.test('spans and metrics without a store', async t => {
  const app = await start(t)
  await useAll(t, app)
  t.strictSame(finishedSpans().map(({ name }) => name).sort(), [
    'chat b', 'chat b', 'chat m', 'execute_tool c', 'execute_tool c', 'invoke_agent', 'invoke_agent', 'invoke_agent', 'step', 'step', 'step'
  ])
  t.ok((await metrics()).some(({ name, scope }) => name === 'hist_step_execution_time_ms' && scope === 'letta-otel'))
})

t.test('switched off, nothing is recorded and all else works', async t => {
  const app = await start(t, { agents: false })
  app.telemetry.recordFile(1)
  await useAll(t, app)
  t.strictSame(finishedSpans(), [])
  useEnvironment({ OTEL_SDK_DISABLED: 'true' })
  const disabled = await start(t)
  useEnvironment({})
  await useAll(t, disabled)
  t.strictSame(finishedSpans(), [])
})

t.test('closing the application ends what is open', async t => {
  const app = await start(t)
  app.telemetry.startRun({ id: 'run-1' })
  await app.close()
  t.match(finishedSpans(), [{ name: 'invoke_agent', attributes: { 'run.id': 'run-1', 'letta.outcome': 'incomplete' } }])
})

t.test('how much may be open is an option: what rested longest is ended, counted, and corrected by its own end', async t => {
  const app = await start(t, { agents: { maxOpen: 3 } })
  const call = app.telemetry.startRun({ id: 'run-1' }).startStep().startLlmCall({ provider: 'a', model: 'b' })
  app.telemetry.startRun({ id: 'run-2' })
  t.match(finishedSpans(), [{ name: 'chat b', attributes: { 'letta.outcome': 'incomplete' } }], 'the innermost of what rested longest')
  for (const id of ['run-3', 'run-4']) app.telemetry.startRun({ id })
  t.strictSame(app.telemetry.stats().agents, { open: 3, abandoned: 3 })
  t.strictSame(finishedSpans().map(({ name }) => name), ['chat b', 'step', 'invoke_agent'])
  call.end({ usage: { inputTokens: 7, outputTokens: 3 } })
  const tokens = (await metrics()).find(({ name }) => name === 'gen_ai.client.token.usage')
  t.match(tokens?.points.map(({ sum }) => sum), [7], 'what had not been counted')
  await t.rejects(Promise.resolve(Fastify().register(lettaOtel, { agents: { maxOpen: 0 } })), { code: 'LETTA_OTEL_INVALID_OPTION', message: /maxOpen: use a whole number from 1 to 1000000/ })
})

t.test('instruments come into being with their first value', async t => {
  const agents = await observedAgents(t)
  for (const none of [0, -1, Number.NaN, '3' as unknown as number]) agents.telemetry.run({ userMessages: none }, () => {})
  t.strictSame([...(await agentMetrics()).keys()], [])
  agents.telemetry.run({ userMessages: 3 }, () => {})
  const metrics = await agentMetrics()
  t.strictSame([...metrics.keys()], ['count_user_message'])
  t.match(metrics.get('count_user_message'), { unit: '1', type: 'sum', points: [{ value: 3 }] })
})

t.test('a run within a run, and a run that outlives the one it was begun in', async t => {
  const agents = await observedAgents(t)
  const { promise: later, resolve } = Promise.withResolvers<void>()
  let background!: Promise<void>
  await agents.telemetry.run({ id: 'outer', organizationId: 'org-1' }, async run => {
    await run.step({ id: 'step-1' }, async step => {
      await step.tool({ name: 'agent' }, async () => {
        await agents.telemetry.run({ id: 'inner' }, async inner => { await inner.step({ id: 'step-2' }, async step => { step.startLlmCall({ provider: 'a', model: 'b' }).end() }) })
      })
      background = (async () => {
        const run = agents.telemetry.startRun({ id: 'background' })
        await later
        run.end()
      })()
    })
  })
  resolve()
  await background
  t.match(agents.rows.current('run_metrics').map(({ id, outcome, organization_id: org, num_llm_calls: calls }) => [id, outcome, org, calls]),
    [['outer', 'ok', 'org-1', 0], ['inner', 'ok', 'org-1', 1], ['background', 'ok', 'org-1', 0]])
  t.match(agents.rows.rows('provider_traces'), [{ run_id: 'inner', step_id: 'step-2' }])
})

t.test('a store that fails does not reach the application', async t => {
  const agents = await observedAgents(t)
  agents.rows.write = () => { throw new Error('full') }
  t.equal(agents.telemetry.run(run => run.step(() => 7)), 7)
  t.ok(agents.faults.length > 0)
})

t.test('files that were processed: their bytes, with what is known of who they were processed for', async t => {
  const agents = await observedAgents(t, {}, (app, telemetry) => {
    app.post('/files', async request => { telemetry.recordFile((request.body as string).length) })
  })
  await fetch(`${agents.url}/files`, { method: 'POST', body: 'x'.repeat(5_000), headers: { 'content-type': 'text/plain', 'x-organization-id': 'org-1' } })
  agents.telemetry.run({ agentId: 'agent-1', organizationId: 'org-2' }, run => { run.step(step => { step.tool({ name: 'read' }, () => { agents.telemetry.recordFile(0) }) }) })
  for (const none of [Number.NaN, Infinity, -1, '5' as unknown as number]) agents.telemetry.recordFile(none)
  const metric = (await agentMetrics()).get('hist_file_process_bytes')
  t.match(metric, { unit: 'By', type: 'histogram' })
  const points = metric!.points.map(({ sum, count, attributes }) => [sum, count, attributes])
  t.strictSame(points, [[5_000, 1, { 'organization.id': 'org-1' }], [0, 1, { 'agent.id': 'agent-1', 'organization.id': 'org-2' }]])
  t.strictSame(agents.faults, [])
})

t.test('options that are null are none', async t => {
  const none = null as never
  t.equal(NO_AGENTS.telemetry.run(none, run => run.step(none, () => 'done')), 'done')
  t.equal(NO_AGENTS.telemetry.startRun(none).startStep(none).id, '')
  const agents = await observedAgents(t)
  const { telemetry } = agents
  t.equal(telemetry.run(none, run => run.step(none, () => 'done')), 'done')
  const run = telemetry.startRun(none)
  run.startStep(none).end()
  run.end()
  t.match(agents.rows.current('run_metrics').map(({ outcome, num_steps: steps }) => [outcome, steps]), [['ok', 1], ['ok', 1]])
})

t.test('a run belongs to the organization that it was begun for', async t => {
  const agents = await observedAgents(t, {}, (app, telemetry) => app.get('/', async () => {
    telemetry.run({ id: 'run-1' }, run => {
      setContextAttributes({ 'organization.id': 'org-2' })
      run.step(() => {})
    })
    return 'done'
  }))
  await fetch(agents.url, { headers: { 'x-organization-id': 'org-1' } })
  t.strictSame(agents.rows.rows('run_metrics').map(({ outcome, organization_id: owner }) => [outcome, owner]), [['running', 'org-1'], ['ok', 'org-1']])
  t.match(agents.rows.rows('step_metrics'), [{ organization_id: 'org-1' }])
})
