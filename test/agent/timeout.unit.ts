/** Providers that take too long, as the clients of OpenAI and Anthropic themselves give them up: told from a user's abort. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import t from 'tap'
import { CHAT_ANSWER, MESSAGE_START, chatChunk, json, modelProvider, stallsAfter, type Answer } from './model-provider.ts'
import { agentMetrics, drain, observedAgents, type ObservedAgentsForTest } from './observed-agents.ts'
import { until } from '../request/observed-app.ts'

/** The least that clients tell of: they send whole seconds. */
const LIMIT = 1_000
/** OpenAI's client tells of its limit where it is that of one request, Anthropic's always. */
const TIMEOUT = { timeout: LIMIT }
const silence: Answer = () => {}
const CHAT = { model: 'gpt-4o', messages: [] }
const MESSAGE = { model: 'claude-example', max_tokens: 9, messages: [] }

interface Clients extends ObservedAgentsForTest {
  openai: OpenAI
  anthropic: Anthropic
  /** What became of the calls, by provider. */
  calls (): string[]
}

async function start (t: Parameters<typeof observedAgents>[0], maxRetries: number, ...answers: Answer[]): Promise<Clients> {
  const agents = await observedAgents(t)
  const options = { apiKey: 'x', fetch: agents.telemetry.fetch, maxRetries, timeout: LIMIT }
  return {
    ...agents,
    openai: new OpenAI({ ...options, baseURL: `${(await modelProvider(t, ...answers)).url}/v1` }),
    anthropic: new Anthropic({ ...options, baseURL: (await modelProvider(t, ...answers)).url }),
    calls: () => agents.rows.rows('provider_traces').map(({ provider, outcome, error_type: type }) => `${provider} ${outcome} ${type}`).sort()
  }
}

const timeouts = async (): Promise<string[] | undefined> => (await agentMetrics()).get('provider_timeout_total')?.points
  .map(({ value, attributes }) => `${attributes['provider']} ${attributes['model']} ${value}`).sort()

t.test('a time limit of the client', async t => {
  const agents = await start(t, 0, silence)
  const { telemetry, openai, anthropic } = agents
  const named = openai.withOptions({ defaultHeaders: { 'X-Stainless-Timeout': '1' } })
  const timedOut = { message: 'Request timed out.' }
  await Promise.all([
    t.rejects(telemetry.run({ id: 'run-1' }, async run => await run.step(async () => await openai.chat.completions.create(CHAT, TIMEOUT))), timedOut),
    t.rejects(telemetry.run({ id: 'run-2' }, async run => await run.step(async step => await step.llmCall({ provider: 'mine', model: 'm' }, async () => await named.chat.completions.create({ ...CHAT, stream: true })))), timedOut),
    t.rejects(telemetry.run({ id: 'run-3' }, async run => await run.step(async () => await anthropic.messages.create(MESSAGE))), timedOut)
  ])
  t.strictSame(agents.calls(), ['anthropic error timeout', 'mine error timeout', 'openai error timeout'])
  for (const { outcome, error_type: type } of agents.rows.current('run_metrics')) t.strictSame([outcome, type], ['error', 'timeout'])
  t.strictSame(await timeouts(), ['anthropic claude-example 1', 'mine m 1', 'openai gpt-4o 1'])
  t.strictSame(agents.faults, [])
})

t.test('a user who aborts, although the client has a time limit', async t => {
  const agents = await start(t, 0, stallsAfter(chatChunk({ content: 'a' })), stallsAfter(MESSAGE_START))
  const { openai, anthropic } = agents
  let early = new AbortController()
  // Nearer to the limit than to the beginning.
  const silent = await start(t, 0, () => { setTimeout(() => { early.abort() }, 0.6 * LIMIT) })
  await t.rejects(async () => { await silent.openai.chat.completions.create(CHAT, { signal: early.signal }) })
  early = new AbortController()
  await t.rejects(async () => { await silent.anthropic.messages.create(MESSAGE, { signal: early.signal }) })
  t.strictSame(silent.calls(), ['anthropic cancelled AbortError', 'openai cancelled AbortError'], 'before its time is over')
  const late = new AbortController()
  const streams = [
    await openai.chat.completions.create({ ...CHAT, stream: true }, { signal: late.signal }),
    await anthropic.messages.create({ ...MESSAGE, stream: true }, { signal: late.signal })
  ]
  setTimeout(() => { late.abort() }, LIMIT + 50)
  await Promise.all(streams.map(async stream => { await drain(stream).catch(() => {}) }))
  await until(() => agents.calls().length === 2, 'both calls')
  t.strictSame(agents.calls(), ['anthropic cancelled AbortError', 'openai cancelled AbortError'], 'a stream that has begun has no time limit')
  t.equal(await timeouts(), undefined)
})

t.test('a limit that the client does not tell of: what it throws does, to the work around', async t => {
  const agents = await start(t, 0, silence)
  const ask = async (): Promise<unknown> => await agents.openai.chat.completions.create(CHAT)
  await Promise.all([
    t.rejects(agents.telemetry.run(async run => await run.step({ id: 'step-1' }, ask))),
    t.rejects(agents.telemetry.run(async run => await run.step({ id: 'step-2' }, async step => await step.llmCall({ provider: 'mine', model: 'm' }, ask))))
  ])
  t.strictSame(agents.calls(), ['mine error timeout', 'openai cancelled AbortError'])
  for (const row of [...agents.rows.current('run_metrics'), ...agents.rows.current('step_metrics')]) t.match(row, { outcome: 'error', error_type: 'timeout' })
  t.strictSame(await timeouts(), ['mine m 1'])
})

t.test('each request that took too long counts, also where a later one was answered in time', async t => {
  const agents = await start(t, 1, silence, json(CHAT_ANSWER))
  await agents.telemetry.run(async run => {
    await run.step(async step => {
      await step.llmCall({ provider: 'openai', model: 'gpt-4o' }, async () => await agents.openai.chat.completions.create(CHAT, TIMEOUT))
    })
  })
  t.strictSame(agents.calls(), ['openai ok '])
  t.strictSame(await timeouts(), ['openai gpt-4o 1'])
})

t.test('what else says that a provider took too long', async t => {
  const agents = await start(t, 0, json({ error: { type: 'timeout_error', message: 'slow' } }, 504), json('', 504), json({ error: {} }, 500))
  for (let time = 0; time < 3; time++) await agents.anthropic.messages.create(MESSAGE).catch(() => {})
  const call = agents.telemetry.startRun().startStep().startLlmCall({ provider: 'acme', model: 'a' })
  await call.watch(Promise.reject(Object.assign(new Error('late'), { name: 'TimeoutError' }))).catch(() => {})
  call.end()
  t.strictSame(agents.calls(), ['acme error timeout', 'anthropic error 500', 'anthropic error 504', 'anthropic error timeout_error'])
  t.strictSame(await timeouts(), ['acme a 1', 'anthropic claude-example 2'])
})
