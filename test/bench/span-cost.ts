/**
 * What one span costs where it is made: `node span-cost.ts SERVER` prints microseconds a span of `startActiveSpan`, five
 * attributes and `end()` in a loop, without requests, and how many spans it made.
 */
import { trace } from '@opentelemetry/api'
import type { BenchServer } from './servers/bench-server.ts'

/** As many as the SDK's queue holds without loss; they are sent before the next ones are made. */
const SPANS_A_BATCH = 1_000
const WARM_UP_BATCHES = 50
const BATCHES = 300

const [server = ''] = process.argv.slice(2)
const { default: bench } = await import(`./servers/${server}.ts`) as { default: BenchServer }
const { default: fastify } = await import('fastify')
const app = fastify()
await bench.register?.(app)
await app.ready()
const tracer = trace.getTracer('span-cost')

let milliseconds = 0
for (let batch = 0; batch < WARM_UP_BATCHES + BATCHES; batch++) {
  const start = performance.now()
  for (let index = 0; index < SPANS_A_BATCH; index++) makeSpan(index)
  if (batch >= WARM_UP_BATCHES) milliseconds += performance.now() - start
  await app.telemetry.flush()
}
await app.close()
console.log(JSON.stringify({
  microseconds: milliseconds * 1e3 / (BATCHES * SPANS_A_BATCH),
  spans: (WARM_UP_BATCHES + BATCHES) * SPANS_A_BATCH
}))

function makeSpan (index: number): void {
  tracer.startActiveSpan('execute_tool', span => {
    span.setAttribute('gen_ai.tool.name', 'calculate')
    span.setAttribute('gen_ai.tool.call.id', 'call-1')
    span.setAttribute('gen_ai.usage.input_tokens', index)
    span.setAttribute('gen_ai.response.time_to_first_chunk', 0.25)
    span.setAttribute('bench.even', index % 2 === 0)
    span.end()
  })
}
