/**
 * What `traceMethod` adds to a call: `node method-cost.ts SERVER` prints microseconds over the bare call, for a method with
 * three small parameters in a loop, without requests; once with its spans recorded and once within a trace that is not
 * sampled. And how many spans it made.
 */
import { ROOT_CONTEXT, TraceFlags, context, trace } from '@opentelemetry/api'
import { traceMethod } from '../../dist/index.js'
import type { BenchServer } from './servers/bench-server.ts'

/** As many as the SDK's queue holds without loss; they are sent before the next ones are made. */
const CALLS_A_BATCH = 1_000
const WARM_UP_BATCHES = 50
const BATCHES = 300
/** Of calls that make no span, which take so little that more of them are needed to see it. */
const UNRECORDED_CALLS_A_BATCH = 20_000

class Agents {
  steps = 0

  step (agentId: string, index: number, options: { readonly model: string, readonly stream: boolean }): number {
    this.steps += agentId.length + index + (options.stream ? 1 : 0)
    return this.steps
  }
}

class TracedAgents extends Agents {}
TracedAgents.prototype.step = traceMethod(Agents.prototype.step, { name: 'Agents.step' })

const [server = ''] = process.argv.slice(2)
const { default: bench } = await import(`./servers/${server}.ts`) as { default: BenchServer }
const { default: fastify } = await import('fastify')
const app = fastify()
await bench.register?.(app)
await app.ready()

// As in a request whose caller decided against its trace.
const caller = trace.setSpanContext(ROOT_CONTEXT, { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.NONE })
const request = trace.setSpan(caller, trace.getTracer('method-cost').startSpan('request', {}, caller))
const bare = new Agents()
const traced = new TracedAgents()
const recorded = await overBare(CALLS_A_BATCH)
const unrecorded = await context.with(request, async () => await overBare(UNRECORDED_CALLS_A_BATCH))
await app.close()
console.log(JSON.stringify({ recorded, unrecorded, spans: (WARM_UP_BATCHES + BATCHES) * CALLS_A_BATCH }))

/** Bare and traced calls in turn: what changes on the machine meets both alike. */
async function overBare (calls: number): Promise<number> {
  let milliseconds = 0
  for (let batch = 0; batch < WARM_UP_BATCHES + BATCHES; batch++) {
    const difference = timeOf(traced, calls) - timeOf(bare, calls)
    if (batch >= WARM_UP_BATCHES) milliseconds += difference
    await app.telemetry.flush()
  }
  return milliseconds * 1e3 / (BATCHES * calls)
}

function timeOf (agents: Agents, calls: number): number {
  const start = performance.now()
  for (let index = 0; index < calls; index++) agents.step('agent-0b7a3c1e', index, { model: 'gpt-4', stream: true })
  return performance.now() - start
}
