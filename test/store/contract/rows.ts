import type { Test } from 'tap'
import { callRow, jobRow, NOW, NOW_NS, payloadRow, runRow, stepRow } from '../sample-rows.ts'
import type { Kit } from './contract.ts'

const DAY_MS = 86_400_000
const DAY_NS = BigInt(DAY_MS) * 1_000_000n

export async function rows (t: Test, { open }: Kit): Promise<void> {
  await t.test('rows come back as they were written, to the nanosecond', async t => {
    const { rows } = await open(t)
    const [run, step, call] = [runRow(), stepRow(), callRow()]
    const payload = payloadRow({ id: call.id })
    rows.write('run_metrics', run)
    rows.write('step_metrics', step)
    rows.write('provider_traces', { ...call, step_id: step.id })
    rows.write('provider_trace_payloads', { ...payload, step_id: step.id })
    rows.write('jobs', jobRow({ ttft_ns: 2n ** 53n + 1n, total_duration_ns: 7n, created_at: NOW - 5 }))
    await rows.flush()
    t.same(await rows.runMetrics('org-1', run.id), run)
    t.same(await rows.stepMetrics('org-1', step.id), step)
    t.same(await rows.providerTracesOfStep('org-1', step.id), [{ ...payload, ...call, step_id: step.id }])
    t.same(await rows.job('org-1', 'job-1'), {
      id: 'job-1', organization_id: 'org-1', ttft_ns: 2n ** 53n + 1n, total_duration_ns: 7n, created_at: NOW - 5, updated_at: NOW
    })
    t.equal(await rows.runMetrics('org-1', 'run-unknown'), undefined)
    t.same(await rows.providerTracesOfStep('org-1', ''), [], 'calls outside a step are not one step')
  })

  await t.test('a run is found with its steps and calls, each in the order in which they began', async t => {
    const { rows } = await open(t)
    const run = runRow()
    const steps = [3n, 1n, 2n].map(offset => stepRow({ id: `step-${offset}`, run_id: run.id, step_start_ns: NOW_NS + offset }))
    const calls = [2n, 1n].map(offset => ({ ...callRow(), id: `provider_trace-${offset}`, run_id: run.id, request_start_ns: NOW_NS + offset }))
    rows.write('run_metrics', run)
    for (const step of [...steps, stepRow({ id: 'step-of-another', run_id: 'run-other' })]) rows.write('step_metrics', step)
    for (const call of calls) rows.write('provider_traces', call)
    await rows.flush()
    t.same(await rows.traceOfRun('org-1', run.id, 10), { run, steps: [steps[1], steps[2], steps[0]], provider_traces: [calls[1], calls[0]] })
    t.same((await rows.traceOfRun('org-1', run.id, 1))?.steps, [steps[1]])
    t.equal(await rows.traceOfRun('org-2', run.id, 10), undefined, 'another organization has no such run')
  })

  await t.test('payloads come as far as they fit, those of the last calls first, and an answer is given up', async t => {
    const { rows } = await open(t)
    for (const n of [1, 2, 3]) {
      const id = `provider_trace-${n}`
      rows.write('provider_traces', callRow({ id, request_start_ns: NOW_NS + BigInt(n) }))
      rows.write('provider_trace_payloads', payloadRow({ id, request_json: 'é'.repeat(20), response_json: 'y'.repeat(10) }))
    }
    await rows.flush()
    const found = await rows.providerTracesOfStep('org-1', 'step-1', 10, { payloadBytes: 149, timeoutMs: 30_000 })
    t.match(found, [
      { id: 'provider_trace-1', model: 'gpt-5', request_json: '', response_json: '', payloads_omitted: true, request_original_size: 5_000_000_000 },
      { id: 'provider_trace-2', request_json: 'é'.repeat(20) },
      { id: 'provider_trace-3', response_json: 'y'.repeat(10) }
    ])
    t.strictSame(found.map(call => 'payloads_omitted' in call), [true, false, false])
    const signal = AbortSignal.abort()
    await t.rejects(rows.traceOfRun('org-1', 'run-1', 10, { signal }), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED' })
    await t.rejects(rows.lastProviderTraceOfStep('org-1', 'step-1', { signal }), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED' })
  })

  await t.test('of several rows of one id the latest counts, however they arrive', async t => {
    const { rows } = await open(t)
    const started = runRow({ run_ns: null, outcome: 'running' })
    const ended = { ...started, run_ns: 5n, outcome: 'ok' as const, updated_at: NOW + 10 }
    // Late: the start arrives in a later insert than the end. Twice: at least one is delivered again.
    for (const row of [ended, started, ended]) {
      rows.write('run_metrics', row)
      await rows.flush()
    }
    t.same(await rows.runMetrics('org-1', started.id), ended)
  })

  await t.test('clocks may disagree: rows of one id with starts on different days are still one', async t => {
    const { rows, engine } = await open(t)
    const started = stepRow({ step_ns: null, outcome: 'running' })
    const ended = { ...started, step_start_ns: started.step_start_ns - 2n * DAY_NS, step_ns: 5n, outcome: 'ok' as const, updated_at: NOW + 10 }
    rows.write('step_metrics', started)
    rows.write('step_metrics', ended)
    await rows.flush()
    t.same(await rows.stepMetrics('org-1', started.id), ended)
    t.same(await engine.query('SELECT count() AS steps FROM step_metrics FINAL'), [{ steps: '1' }])
  })

  await t.test('what is deleted is not found, and a late older row does not bring it back', async t => {
    const { rows, engine } = await open(t)
    const [run, call] = [runRow(), callRow()]
    rows.write('run_metrics', { ...run, is_deleted: true, updated_at: NOW + 10 })
    rows.write('provider_traces', { ...call, is_deleted: true, updated_at: NOW + 10 })
    await rows.flush()
    rows.write('run_metrics', run)
    rows.write('provider_traces', call)
    await rows.flush()
    t.equal(await rows.runMetrics('org-1', run.id), undefined)
    t.same(await rows.providerTracesOfStep('org-1', 'step-1'), [])
    t.same(await engine.query('SELECT id FROM provider_trace'), [])
  })

  await t.test('partial updates of a job merge by their time, not by their arrival', async t => {
    const { rows } = await open(t)
    rows.write('jobs', jobRow({ total_duration_ns: 20n, updated_at: NOW + 20 }))
    await rows.flush()
    rows.write('jobs', jobRow({ ttft_ns: 1n, total_duration_ns: 10n, updated_at: NOW + 10 }))
    rows.write('jobs', jobRow({ ttft_ns: null, updated_at: NOW + 30 }))
    await rows.flush()
    t.match(await rows.job('org-1', 'job-1'), { ttft_ns: 1n, total_duration_ns: 20n, updated_at: NOW + 30, created_at: NOW + 10 })
  })

  await t.test('a job that was deleted stays so, whatever a partial update says of it, until it is said not to be', async t => {
    const { rows } = await open(t)
    const say = async (row: Parameters<typeof jobRow>[0]): Promise<unknown> => {
      rows.write('jobs', jobRow(row))
      await rows.flush()
      return await rows.job('org-1', 'job-1')
    }
    t.ok(await say({ ttft_ns: 1n }))
    t.equal(await say({ is_deleted: true, updated_at: NOW + 10 }), undefined)
    t.equal(await say({ total_duration_ns: 5n, updated_at: NOW + 20 }), undefined)
    t.match(await say({ is_deleted: false, updated_at: NOW + 30 }), { ttft_ns: 1n, total_duration_ns: 5n })
  })

  await t.test('calls of a step come in the order they were made, with what was said where it is kept', async t => {
    const { rows } = await open(t)
    const [second, first] = [callRow({ request_start_ns: NOW_NS + 1n }), callRow({ request_start_ns: NOW_NS })]
    rows.write('provider_traces', second)
    rows.write('provider_traces', first)
    rows.write('provider_trace_payloads', payloadRow({ id: second.id }))
    await rows.flush()
    const found = await rows.providerTracesOfStep('org-1', 'step-1')
    t.same(found.map(({ id, request_json: request }) => [id, request !== undefined]), [[first.id, false], [second.id, true]])
  })

  await t.test('of many calls of a step the first ones come, as many as are asked for, or the last one', async t => {
    const { rows } = await open(t)
    for (let call = 0; call < 150; call++) rows.write('provider_traces', callRow({ id: `call-${call}`, request_start_ns: NOW_NS + BigInt(call) }))
    rows.write('provider_trace_payloads', payloadRow({ id: 'call-149' }))
    await rows.flush()
    const found = await rows.providerTracesOfStep('org-1', 'step-1', 101)
    t.same(found.map(({ id }) => id), Array.from({ length: 101 }, (_, call) => `call-${call}`))
    t.equal((await rows.providerTracesOfStep('org-1', 'step-1')).length, 100)
    t.match(await rows.lastProviderTraceOfStep('org-1', 'step-1'), { id: 'call-149', request_json: String })
    t.equal(await rows.lastProviderTraceOfStep('org-2', 'step-1'), undefined)
    t.equal(await rows.lastProviderTraceOfStep('org-1', ''), undefined)
  })

  await t.test('text of any kind comes back', async t => {
    const { rows } = await open(t)
    const text = 'tab\t nl\n nul\0 quote\' "double" back\\slash \\N é 😀 \u2028'
    const call = callRow({ error_message: text })
    rows.write('provider_traces', call)
    // Cut in the middle of a character, as something that shortens text may do.
    rows.write('provider_trace_payloads', payloadRow({ id: call.id, request_json: text, response_json: '😀'.slice(0, 1) }))
    await rows.flush()
    const [found] = await rows.providerTracesOfStep('org-1', 'step-1')
    t.equal(found?.error_message, text)
    t.equal(found?.request_json, text)
    t.equal(found?.response_json, '\ufffd')
  })
}
