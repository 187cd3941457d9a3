import t from 'tap'
import { LETTA_EXAMPLES } from '../../fixtures/letta-examples.ts'
import { openSampleStore } from '../sample-store.ts'

t.test('the questions of the Letta documents are answered as they were asked', async t => {
  // 60 runs of 2 steps: more than 100 steps an agent.
  const { engine } = await openSampleStore(t, { organizations: ['org-1'], agents: 1, runs: 60 })
  const ask = async (name: keyof typeof LETTA_EXAMPLES): Promise<Array<Record<string, unknown>>> => await engine.query(LETTA_EXAMPLES[name])

  const slow = await ask('slow agent executions')
  t.equal(slow.length, 10)
  t.strictSame(slow[0], { id: 'run-org-1-0-59', duration_ms: 120_000, num_steps: 2 })

  t.strictSame(await ask('LLM request performance'), [{ avg_duration_ms: 3_050, min_duration_ms: 100, max_duration_ms: 6_000, request_count: '120' }])

  const failed = await ask('executions with tool errors')
  t.strictSame(failed.map(({ id }) => id), ['step-org-1-0-59-1'])
  t.strictSame(JSON.parse(failed[0]!['response_json'] as string), { error: 'too many requests' })

  t.strictSame(await ask('high-frequency agents'), [{ agent_id: 'agent-0-of-org-1', execution_count: '120', avg_step_duration_ms: 30_500 }])

  const [day, ...others] = await ask('daily data volume')
  t.strictSame(others, [])
  t.match(day, { trace_count: '120', request_data_size: '11.72 KiB', response_data_size: '5.81 KiB' })
})
