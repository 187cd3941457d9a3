import { metrics as metricsApi, trace } from '@opentelemetry/api'
import { observeAgents, type AgentTelemetry } from '../../lib/agent/agent-telemetry.ts'
import type { Rows } from '../../lib/agent/agent-settings.ts'
import { resolveOptions, type AgentOptions } from '../../lib/options.ts'
import { finishedSpans, metrics, type CollectedMetric, type FinishedSpan } from '../../lib/testing.ts'
import { observedApp, until, type ObservedApp } from '../request/observed-app.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { MemoryRows } from './memory-rows.ts'
import type { FastifyInstance } from 'fastify'

export interface ObservedAgentsForTest extends ObservedApp {
  readonly telemetry: AgentTelemetry
  readonly rows: MemoryRows
  readonly warnings: string[]
  /** What an operator is told once. */
  readonly problems: string[]
  readonly faults: unknown[]
  close (): Promise<void>
  flush (): Promise<void>
  /** The only span of this name. */
  span (name: string): FinishedSpan
}

interface Test {
  readonly fullname: string
  teardown (handler: () => Promise<unknown>): void
}

/** Agent telemetry over rows in memory, beside a listening application whose telemetry is in memory too. */
export async function observedAgents (
  t: Test, agents: AgentOptions = {}, build: (app: FastifyInstance, telemetry: AgentTelemetry) => unknown = () => {}, rows: Rows & MemoryRows = new MemoryRows()
): Promise<ObservedAgentsForTest> {
  useEnvironment({})
  const warnings: string[] = []
  const problems: string[] = []
  const faults: unknown[] = []
  const options = resolveOptions({ agents }, {}).agents
  if (options === false) throw new Error('agents are off')
  let telemetry!: AgentTelemetry
  let close!: () => Promise<void>
  let flush!: () => Promise<void>
  const app = await observedApp(t, async app => {
    const observed = observeAgents(options, {
      tracer: trace.getTracer('agents'),
      meter: metricsApi.getMeter('agents'),
      rows,
      report: problem => { problems.push(problem) },
      warn: warning => { warnings.push(warning) },
      onFault: fault => { faults.push(fault) }
    })
    ;({ telemetry, flush } = observed)
    close = async () => {
      observed.giveUp()
      await observed.flush()
    }
    await build(app, telemetry)
  })
  return {
    ...app,
    telemetry,
    rows,
    warnings,
    problems,
    faults,
    close,
    flush,
    span (name) {
      const found = finishedSpans().filter(span => span.name === name)
      const [only] = found
      if (only === undefined || found.length > 1) throw new Error(`${found.length} spans are named "${name}": ${finishedSpans().map(({ name }) => name).join(', ')}`)
      return only
    }
  }
}

/** The metrics of agents' work by name; what was collected before is not in it. */
export async function agentMetrics (): Promise<Map<string, CollectedMetric>> {
  return new Map((await metrics()).filter(({ scope }) => scope === 'agents').map(metric => [metric.name, metric]))
}

/** The only call that was recorded, now or soon. */
export async function onlyCall ({ rows }: { readonly rows: MemoryRows }): Promise<ReturnType<MemoryRows['rows']>[number] & Record<string, any>> {
  await until(() => rows.rows('provider_traces').length > 0, 'a provider trace')
  const calls = rows.rows('provider_traces')
  if (calls.length !== 1) throw new Error(`${calls.length} provider traces`)
  return calls[0] as never
}

/** Reads a stream to its end. */
export async function drain (stream: AsyncIterable<unknown>): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true);
}

/** What `break` does in the first turn of a loop. */
export async function stopAfterFirst (stream: AsyncIterable<unknown>): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]()
  await iterator.next()
  await iterator.return?.()
}
