import t from 'tap'
import { NO_PROVIDER_TRACES } from '../../lib/agent/provider-traces.ts'
import { CHAT_ANSWER } from './model-provider.ts'
import { observedAgents } from './observed-agents.ts'

const ACTOR = { organizationId: 'org-1' }

t.test('created for an actor, and found by step within its organization', async t => {
  const { telemetry: { providerTraces }, rows, flush } = await observedAgents(t, { payloads: true })
  const id = providerTraces.create({ stepId: 'step-1', request: { model: 'm', api_key: 'x' }, response: CHAT_ANSWER, provider: 'openai', model: 'gpt-4o' }, ACTOR)
  t.match(id, /^provider_trace-[0-9a-f-]{36}$/)
  t.strictSame(rows.rows('provider_trace_payloads'), [], 'what takes long is done later')
  await flush()
  t.match(await providerTraces.getByStepId('step-1', ACTOR), {
    id,
    step_id: 'step-1',
    organization_id: 'org-1',
    outcome: 'ok',
    input_tokens: 100,
    output_tokens: 20,
    response_model: 'gpt-4o-2024-08-06',
    request_json: '{"model":"m","api_key":"REDACTED"}',
    response_json: JSON.stringify(CHAT_ANSWER)
  })
  t.equal(await providerTraces.getByStepId('step-1', { organizationId: 'org-2' }), undefined)
  t.equal(await providerTraces.getByStepId('step-1', { organizationId: '' }), undefined)
  t.equal(await providerTraces.getByStepId('step-2', ACTOR), undefined)
  const second = providerTraces.create({ stepId: 'step-1', request: undefined, response: { error: { type: 'overloaded', message: 'later' } } }, ACTOR)
  await flush()
  t.match(await providerTraces.getByStepId('step-1', ACTOR), { id: second, outcome: 'error', is_error: true, error_type: 'overloaded', error_message: 'later', request_json: '' })
  t.equal(rows.rows('provider_traces').length, 2)
})

t.test('payloads are kept where they are on', async t => {
  const { telemetry: { providerTraces }, rows } = await observedAgents(t)
  providerTraces.create({ stepId: 'step-1', request: {}, response: {} }, ACTOR)
  t.strictSame(rows.rows('provider_trace_payloads'), [])
})

t.test('without a store nothing is kept', async t => {
  t.match(NO_PROVIDER_TRACES.create({ stepId: 's', request: 1, response: 2 }, ACTOR), /^provider_trace-/)
  t.equal(await NO_PROVIDER_TRACES.getByStepId('s', ACTOR), undefined)
})

t.test('whatever is handed over, nothing is thrown', async t => {
  const { telemetry: { providerTraces }, rows, faults, flush } = await observedAgents(t, { payloads: true })
  const hostile = { get error (): never { throw new RangeError('getter') } }
  const id = providerTraces.create({ stepId: 'step-1', request: hostile, response: hostile }, ACTOR)
  t.match(providerTraces.create(undefined as never, ACTOR), /^provider_trace-/)
  for (const nobody of [undefined, {}, { organizationId: '' }]) t.match(providerTraces.create({ stepId: 'step-1', request: 1, response: 2 }, nobody as never), /^provider_trace-/)
  await flush()
  t.match(rows.rows('provider_traces'), [{ id, outcome: 'ok' }])
  t.match(rows.rows('provider_trace_payloads'), [{ id, request_json: '{"error":"<serialization failed: RangeError>"}' }])
  t.match(faults, [RangeError, TypeError, TypeError, TypeError, TypeError])
})

t.test('nobody finds nothing', async t => {
  const { telemetry } = await observedAgents(t)
  for (const actor of [undefined, null, {}, { organizationId: '' }]) t.equal(await telemetry.providerTraces.getByStepId('step-1', actor as never), undefined)
})
