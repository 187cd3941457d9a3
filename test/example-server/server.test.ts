import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { buildServer } from '../../example-server/server/build-server.ts'
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

async function run (t: Test, answers: ProviderAnswer[], graceMs = 5_000): Promise<Running> {
  const provider = await scriptedProvider(t, ...answers)
  const app = await buildServer({
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    graceMs,
    model: { baseUrl: provider.baseUrl, apiKey: undefined, model: 'small', timeoutMs: 5_000 }
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
  t.strictSame(await response.json(), {
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
    { message_type: 'stop_reason', stop_reason: 'end_turn' }, { message_type: 'usage_statistics', step_count: 1 }, '[DONE]'
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
  t.match(job, { id: /^job-[0-9a-f-]{36}$/, status: 'running', result: null })
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
  }], 100)
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
