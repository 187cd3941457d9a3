/** SIGTERM of a collector that samples: what waits for a decision is decided, and what is kept arrives. */
import { setTimeout as pause } from 'node:timers/promises'
import { clickhouse } from '../harness/clickhouse.ts'
import { newTraceId, post, tracesMessage, type SpanFacts } from '../harness/otlp-client.ts'
import { proof } from '../harness/proof.ts'

const TRACES = 200
/** Longer than the proof takes: nothing is decided because its time has come. */
const WAIT = { LETTA_OTELCOL_DECISION_WAIT: '600s', LETTA_OTELCOL_DECISION_WAIT_AFTER_ROOT: '300s', LETTA_OTELCOL_FLUSH: '200ms' }

await proof('a collector that samples is ended', async p => {
  const { open, env } = await clickhouse(p)
  const { engine } = await open('otel')
  const sampler = await p.collector({ configuration: 'gateway-sampling', env: { ...env('otel'), ...WAIT } })
  const spans = Array.from({ length: TRACES }, (): SpanFacts => ({ traceId: newTraceId(), isError: true }))
  p.equal('it takes the traces', await post(sampler.url, 'traces', tracesMessage('proof', spans)), 200)
  const count = async (): Promise<number> => (await engine.query<{ ids: string[] }>('SELECT groupUniqArray(TraceId) AS ids FROM otel_traces'))[0]?.ids.length ?? 0
  await p.until(async () => await sampler.sum('otelcol_processor_tail_sampling_new_trace_id_received') === TRACES, 20)
  await pause(2_000)
  p.equal('they wait for a decision', await count(), 0)
  p.equal('it ends', await sampler.stop('SIGTERM'), 0)
  // What it could not deliver in its last moment is in its queue.
  await sampler.start()
  await p.until(async () => await count() === TRACES, 20)
  p.equal('every trace that matters is in the store', await count(), TRACES)
})
