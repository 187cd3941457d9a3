/** What is cut off, by whom, and what that means for the work around it. */
import t from 'tap'
import { CHAT_ANSWER, json, modelProvider, type Answer } from './model-provider.ts'
import { observedAgents, onlyCall } from './observed-agents.ts'
import { until } from '../request/observed-app.ts'

const CHAT = { method: 'POST', body: JSON.stringify({ model: 'm', messages: [] }) }
const silence: Answer = () => {}

t.test('a time limit is an error, and one that was caught is the call\'s alone', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, silence)
  const ask = async (): Promise<unknown> => await agents.telemetry.fetch(`${url}/v1/chat/completions`, { ...CHAT, signal: AbortSignal.timeout(20) })
  await agents.telemetry.run(async run => { await run.step(async () => { await ask().catch(() => {}) }) })
  t.match(await onlyCall(agents), { outcome: 'error', is_error: true, error_type: 'timeout' })
  t.match(agents.span('chat m').attributes, { 'error.type': 'timeout', 'letta.outcome': 'error' })
  t.match(agents.rows.rows('step_metrics'), [{ outcome: 'ok' }])
  t.match(agents.rows.current('run_metrics'), [{ outcome: 'ok' }])
  await t.rejects(agents.telemetry.run({ id: 'run-2' }, async () => { await ask() }), { name: 'TimeoutError' })
  t.match(await agents.rows.runMetrics('', 'run-2'), { outcome: 'error', error_type: 'timeout' })
})

t.test('a time limit of the work itself', async t => {
  const agents = await observedAgents(t)
  const signal = AbortSignal.timeout(1)
  await agents.telemetry.run({ signal }, async () => { await until(() => signal.aborted, 'the limit') })
  t.match(agents.rows.current('run_metrics'), [{ outcome: 'error', error_type: 'timeout' }])
})

t.test('the slower of two calls is cancelled; what they were made for is not', async t => {
  const agents = await observedAgents(t)
  let asked = 0
  const { url } = await modelProvider(t, json(CHAT_ANSWER), response => { asked++; response.flushHeaders() })
  const loser = new AbortController()
  const answer = await agents.telemetry.run(async run => await run.step(async () => {
    const first = await (await agents.telemetry.fetch(`${url}/v1/chat/completions`, CHAT)).text()
    const second = agents.telemetry.fetch(`${url}/v1/chat/completions`, { ...CHAT, signal: loser.signal }).then(async response => await response.text())
    await until(() => asked === 1, 'the second request')
    loser.abort()
    await second.catch(() => {})
    return first
  }))
  t.equal(JSON.parse(answer).id, CHAT_ANSWER.id)
  t.strictSame(agents.rows.rows('provider_traces').map(({ outcome }) => outcome), ['ok', 'cancelled'])
  t.match(agents.rows.rows('step_metrics'), [{ outcome: 'ok' }])
  t.match(agents.rows.current('run_metrics'), [{ outcome: 'ok' }])
})

t.test('a signal of the run or the step cuts them off, also where a callback returns as if all was well', async t => {
  const agents = await observedAgents(t)
  const { url } = await modelProvider(t, silence)
  const controller = new AbortController()
  const { signal } = controller
  await agents.telemetry.run({ signal }, async run => {
    const step = run.startStep()
    setImmediate(() => { controller.abort() })
    await agents.telemetry.fetch(`${url}/v1/chat/completions`, { ...CHAT, signal }).catch(() => {})
    step.end()
  })
  t.match(agents.rows.rows('step_metrics'), [{ outcome: 'cancelled' }])
  t.match(agents.rows.current('run_metrics'), [{ outcome: 'cancelled' }])
})
