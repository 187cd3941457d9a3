import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { buildServer } from '../../example-server/server/build-server.ts'
import type { ServerSettings } from '../../example-server/server/settings.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { answerWith, scriptedProvider, type ProviderAnswer, type ScriptedProvider } from './scripted-provider.ts'

useEnvironment({ NODE_ENV: 'test' })

const HELLO = { messages: [{ role: 'user', content: 'Hello' }] }
const HI = answerWith(200, { choices: [{ message: { content: 'Hi' } }], usage: { prompt_tokens: 3, completion_tokens: 1 } })
const FAILURE = answerWith(400, 'no')
const chunk = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

interface Running {
  readonly app: FastifyInstance
  readonly url: string
  readonly provider: ScriptedProvider
  readonly agentId: string
  post (path: string, body?: object, init?: RequestInit): Promise<Response>
}

async function run (t: Test, answers: ProviderAnswer[], settings: Partial<ServerSettings> = {}): Promise<Running> {
  const provider = await scriptedProvider(t, ...answers)
  const app = await buildServer({
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    graceMs: 5_000,
    store: false,
    keepPayloads: false,
    databaseUrl: undefined,
    model: { baseUrl: provider.baseUrl, apiKey: undefined, model: 'small', timeoutMs: 5_000 },
    ...settings
  })
  t.teardown(async () => { await app.close() })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const post = async (path: string, body: object = HELLO, init: RequestInit = {}): Promise<Response> => await fetch(`${url}${path}`, {
    method: 'POST', body: JSON.stringify(body), ...init, headers: { 'content-type': 'application/json', ...init.headers }
  })
  const { id } = await (await post('/v1/agents', { name: 'Ada' }, { headers: { 'x-organization-id': 'org-1' } })).json() as { id: string }
  return { app, url, provider, agentId: id, post }
}

async function eventsOf (response: Response): Promise<any[]> {
  return (await response.text()).trimEnd().split('\n\n').map(event => {
    const data = event.replace('data: ', '')
    return data === '[DONE]' ? data : JSON.parse(data)
  })
}

t.test('agents', async t => {
  const { url, agentId, post } = await run(t, [HI])
  const expected = { id: agentId, name: 'Ada', organization_id: 'org-1', created_at: /^\d{4}-/ }
  t.match(await (await fetch(`${url}/v1/agents/${agentId}`)).json(), expected)
  t.match(await (await fetch(`${url}/v1/agents`)).json(), [expected])
  t.match(agentId, /^agent-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.equal((await fetch(`${url}/v1/agents/agent-0`)).status, 404)
  t.equal((await post('/v1/agents', {})).status, 400)
})

t.test('a message is answered, and the next one builds on it', async t => {
  const { provider, agentId, post } = await run(t, [HI])
  const response = await post(`/v1/agents/${agentId}/messages`)
  t.equal(response.status, 200)
  const answer = await response.json() as { run_id: string }
  t.match(answer.run_id, /^run-[0-9a-f-]{36}$/)
  t.strictSame(answer, {
    run_id: answer.run_id,
    messages: [{ message_type: 'assistant_message', content: 'Hi' }],
    stop_reason: 'end_turn',
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, step_count: 1 }
  })
  await (await post(`/v1/agents/${agentId}/messages`)).text()
  t.match(provider.calls[1]?.body.messages, [
    { role: 'system', content: /Ada/ }, ...HELLO.messages, { role: 'assistant', content: 'Hi' }, ...HELLO.messages
  ])
})

t.test('what is not right is refused', async t => {
  const { agentId, post, provider } = await run(t, [HI])
  for (const path of ['', '/stream', '/async']) {
    t.equal((await post(`/v1/agents/agent-0/messages${path}`)).status, 404)
    for (const body of [{}, { messages: [] }, { messages: [{ role: 'user' }] }, { messages: [{ role: 'tool', content: 'x' }] }]) {
      t.equal((await post(`/v1/agents/${agentId}/messages${path}`, body)).status, 400)
    }
  }
  t.equal(provider.calls.length, 0)
})

t.test('a model that fails is a bad gateway, for streams too', async t => {
  const { agentId, post } = await run(t, [FAILURE])
  t.equal((await post(`/v1/agents/${agentId}/messages`)).status, 502)
  t.equal((await post(`/v1/agents/${agentId}/messages/stream`)).status, 502)
})

t.test('a stream', async t => {
  const { agentId, post } = await run(t, [answerWith(200, `${chunk('H')}${chunk('i')}data: [DONE]\n\n`)])
  const response = await post(`/v1/agents/${agentId}/messages/stream`)
  t.equal(response.headers.get('content-type'), 'text/event-stream')
  t.match(await eventsOf(response), [
    { message_type: 'assistant_message', content: 'H' }, { message_type: 'assistant_message', content: 'i' },
    { message_type: 'stop_reason', stop_reason: 'end_turn' }, { message_type: 'usage_statistics', run_id: /^run-/, step_count: 1 }, '[DONE]'
  ])
})

t.test('a stream whose model fails on the way says so and ends properly', async t => {
  const { agentId, post } = await run(t, [answerWith(200, chunk('H'))])
  t.match(await eventsOf(await post(`/v1/agents/${agentId}/messages/stream`)), [
    { content: 'H' }, { message_type: 'error_message', message: /ended early/ }, '[DONE]'
  ])
})

t.test('a job', async t => {
  const { url, agentId, post } = await run(t, [HI, FAILURE])
  const start = async (): Promise<any> => await (await post(`/v1/agents/${agentId}/messages/async`)).json()
  const end = async ({ id }: { id: string }): Promise<any> => {
    for (;;) {
      const job = await (await fetch(`${url}/v1/jobs/${id}`)).json() as { status: string }
      if (job.status !== 'running') return job
    }
  }
  const job = await start()
  t.match(job, { id: /^job-[0-9a-f-]{36}$/, status: 'running', trace_id: /^[0-9a-f]{32}$/, result: null })
  t.match(await end(job), { status: 'completed', result: { messages: [{ content: 'Hi' }] }, error: null, completed_at: String })
  t.match(await end(await start()), { status: 'failed', result: null, error: /gave no answer/ })
  t.equal((await fetch(`${url}/v1/jobs/job-0`)).status, 404)
})

t.test('a client that leaves ends the call of the model', async t => {
  const asked = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const { agentId, post } = await run(t, [response => {
    response.once('close', closed.resolve)
    asked.resolve()
  }])
  const leaving = new AbortController()
  const answer = post(`/v1/agents/${agentId}/messages`, HELLO, { signal: leaving.signal })
  await asked.promise
  leaving.abort()
  await t.rejects(answer, { name: 'AbortError' })
  await closed.promise
})

t.test('closing ends streams at once and whatever takes longer than its grace', async t => {
  const allAsked = Promise.withResolvers<void>()
  let asked = 0
  const { app, agentId, post } = await run(t, [response => {
    response.write(chunk('H'))
    if (++asked === 3) allAsked.resolve()
  }], { graceMs: 100 })
  const stream = await post(`/v1/agents/${agentId}/messages/stream`)
  const job = await post(`/v1/agents/${agentId}/messages/async`)
  const waiting = post(`/v1/agents/${agentId}/messages`)
  await allAsked.promise
  const closed = app.close()
  t.match(await eventsOf(stream), [{ content: 'H' }, { message_type: 'error_message', message: 'The server is closing' }, '[DONE]'])
  t.equal((await waiting).status, 503)
  t.equal(job.status, 200)
  await closed
})

t.test('what an agent did is found again, by its organization alone', async t => {
  const CALL = { id: 'call_1', function: { name: 'calculate', arguments: '{"expression":"6 * 7"}' } }
  const asksTool = answerWith(200, { choices: [{ message: { content: null, tool_calls: [CALL] } }], usage: { prompt_tokens: 2, completion_tokens: 2 } })
  for (const keepPayloads of [false, true]) {
    const { app, url, agentId, post } = await run(t, [asksTool, HI], { store: { path: ':memory:' }, keepPayloads })
    const { run_id: runId } = await (await post(`/v1/agents/${agentId}/messages`)).json() as { run_id: string }
    const { id: jobId } = await (await post(`/v1/agents/${agentId}/messages/async`)).json() as { id: string }
    await until(async () => (await (await fetch(`${url}/v1/jobs/${jobId}`)).json() as { status: string }).status !== 'running')
    t.ok(await app.telemetry.flush())
    const read = async (path: string, organization = 'org-1'): Promise<any> =>
      await (await fetch(`${url}/v1/${path}`, { headers: { 'x-organization-id': organization } })).json()

    const trace = await read(`runs/${runId}/trace`)
    t.match(trace, {
      run: { id: runId, agent_id: agentId, outcome: 'ok', num_steps: 2, num_llm_calls: 2, tools_used: ['calculate'], total_tokens: 8 },
      steps: [{ outcome: 'ok', tool_execution_ns: /^\d+$/ }, { outcome: 'ok', tool_execution_ns: null }],
      provider_traces: [{ model: 'small', outcome: 'ok' }, { model: 'small', outcome: 'ok' }]
    })
    const step = await read(`steps/${trace.steps[0].id}/trace`)
    t.equal(JSON.stringify(step).includes('Hello'), keepPayloads, `the question is ${keepPayloads ? '' : 'not '}kept`)
    t.match(await read(`jobs/${jobId}/metrics`), { id: jobId, ttft_ns: /^\d+$/, total_duration_ns: /^\d+$/ })
    t.match(await read(`runs/${runId}/trace`, 'org-2'), { statusCode: 404 })
    await app.close()
  }
})

async function until (isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) continue
}
