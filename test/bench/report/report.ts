import { CONNECTIONS } from '../load/load.ts'
import type { Results } from '../measure/measurement.ts'
import { machineTable, versionTable } from './machine.ts'
import { methodCostTable } from './method-costs.ts'
import { latencyTable, spanCostTable, spanTable, startTable, workloadTables } from './tables.ts'
import { targetTable } from './targets.ts'

/** The results as a document. */
export function writeReport (results: Results): string {
  const { rounds, seconds, failures, measurements } = results
  const wrong = measurements.reduce((sum, { load }) => sum + load.wrong, 0)
  const trouble = [
    ...failures.map(failure => `- Not measured: ${failure}`),
    ...(wrong === 0 ? [] : [`- ${wrong} requests were answered wrongly or not at all.`])
  ]
  return `# Benchmark

What tracing every request costs a Fastify server, with letta-otel and with others. \`npm run bench\` writes this file.

## Targets

${targetTable(results)}
${trouble.length === 0 ? '' : `\n${trouble.join('\n')}\n`}
## Throughput

Medians of ${rounds} rounds of ${seconds} s. In brackets the least and the most of the rounds.

${workloadTables(results)}

## Spans sent and received

A traced request has one span without a parent; these are counted at the sink, in all rounds and workloads together, warm-up
included. Sent is one for each request that reached the server, or what the sampler chose.

${spanTable(results)}

## Latency at half of bare Fastify's peak

GET, evenly spaced requests at half of what bare Fastify reached in the same round.

${latencyTable(results)}

## Start

${startTable(results)}

## A span in a loop

\`startActiveSpan\`, five attributes and \`end()\`, without requests, all spans sent.

${spanCostTable(results)}

## A method in a loop

What \`traceMethod\` adds to a call with three small parameters, without requests, all spans sent; and where the trace is not
sampled.

${methodCostTable(results.methodCosts ?? [])}

## How it is measured

- Each round runs every case in turn, in a process of its own, then the next round runs them all again. A ratio compares two
  cases within one round; the tables show the median of the ratios.
- The server has one core to itself, with its worker thread. Load and sink share another one. The sink answers as an OTLP/HTTP
  receiver and as a Datadog agent; what arrived is counted after each run.
- ${CONNECTIONS} connections. At full speed each sends its next request when the last one is answered, after a warm-up of half
  the time. At half load, latency counts from the moment when a request was due.
- Every package is set up as its documents say, and sends over the protocol it chooses by itself. Only the sampled cases sample.
- CPU time is that of all threads of the server, from the end of the warm-up to the end of the process, so with sending
  everything. Peak memory is the most that was resident (\`VmHWM\`).
- \`register\` to \`ready\` does not include what a preload does; from the start of the process to \`ready\` does.
- Where pino is on, it writes its two lines a request as JSON to the standard output, which is a file.
- Servers run as JavaScript: Node strips no types in them.

## Machine and versions

${machineTable(results)}

${versionTable()}
`
}
