import { CONNECTIONS } from '../load/load.ts'
import type { Results } from '../measure/measurement.ts'
import { coreShare } from './figures.ts'
import { machineTable, versionTable } from './machine.ts'
import { methodCostTable } from './method-costs.ts'
import { spreadOf } from './statistics.ts'
import { decimals } from './table.ts'
import { latencyTable, spanCostTable, spanTable, startTable, workloadTables } from './tables.ts'
import { targetTable } from './targets.ts'

/** Below this, bare Fastify at full speed waited for something else than its core. */
const SATURATED = 0.85

/** The results as a document. */
export function writeReport (results: Results): string {
  const { rounds, seconds, failures, pairings } = results
  const wrong = pairings.reduce((sum, { bare, own }) => sum + bare.wrong + own.wrong, 0)
  const trouble = [
    ...failures.map(failure => `- Not measured: ${failure}`),
    ...limitedElsewhere(results),
    ...(wrong === 0 ? [] : [`- ${wrong} requests were answered wrongly or not at all.`])
  ]
  return `# Benchmark

What tracing every request costs a Fastify server, with letta-otel and with others. \`npm run bench\` writes this file.

## Targets

${targetTable(results)}
${trouble.length === 0 ? '' : `\n${trouble.join('\n')}\n`}
## Throughput

Ratios are medians of ${rounds} pairs, each of a burst of the case and one of bare Fastify right before or after it, ${seconds} s
each. In brackets the middle half of the ratios, then the least and the most. Other figures are medians of the bursts; those
of two cases were measured minutes apart, so only their ratios to bare can be compared. With GET, bare Fastify's own ratio is
that of two processes of it, and shows how exact the ratios are.

${workloadTables(results)}

## Spans sent and received

A traced request has one span without a parent; these are counted at the sink, in all bursts and workloads together, warm-up
included. Sent is one for each request that reached the server, or what the sampler chose.

${spanTable(results)}

## Latency at half of bare Fastify's peak

GET, evenly spaced requests at half of what bare Fastify reached in a burst just before, to both of a pair.

${latencyTable(results)}

## Start

Medians of all starts, each compared with one of bare Fastify right before or after it.

${startTable(results)}

## A span in a loop

\`startActiveSpan\`, five attributes and \`end()\`, without requests, all spans sent.

${spanCostTable(results)}

## A method in a loop

What \`traceMethod\` adds to a call with three small parameters, without requests, all spans sent; and where the trace is not
sampled.

${methodCostTable(results.methodCosts ?? [])}

## How it is measured

- A case is measured with a process of bare Fastify next to it. Both are warmed up; then they are loaded in turn, the one that
  goes first changing from pair to pair. The machine's speed may change within seconds, so a ratio compares two bursts that
  follow each other. After five pairs, and all other cases, both are started anew.
- While one is loaded the other stands still (\`SIGSTOP\`). Telemetry that is left to send after a burst is sent in the
  next burst of the same server, whose throughput and CPU time bear it.
- How one case compares with another is the ratio of their median ratios to bare Fastify.
- The servers have one core to themselves, with their worker threads. Load and sink share another one. The sink answers as an
  OTLP/HTTP receiver and as a Datadog agent; what arrived is counted after each run.
- ${CONNECTIONS} connections. At full speed each sends its next request when the last one is answered, after a warm-up of
  two bursts. At half load, latency counts from the moment when a request was due.
- Every package is set up as its documents say, and sends over the protocol it chooses by itself. Only the sampled cases sample.
- CPU time is that of all threads of the server during a burst. Peak memory is the most that was resident (\`VmHWM\`) until
  the process ended; over bare, it compares two processes that were loaded for the same time, so bare Fastify had more requests.
- \`register\` to \`ready\` does not include what a preload does; from the start of the process to \`ready\` does.
- Where pino is on, it writes its two lines a request as JSON to the standard output, which is a file.
- Servers run as JavaScript: Node strips no types in them.

## Machine and versions

${machineTable(results)}

${versionTable()}
`
}

/** Of a server that is not the bottleneck, throughput does not tell what a request costs. */
function limitedElsewhere ({ pairings }: Results): string[] {
  const share = spreadOf(pairings.filter(({ pace }) => pace === 'full').flatMap(({ bare }) => bare.bursts.map(coreShare)))?.median ?? 1
  if (share >= SATURATED) return []
  return [`- Bare Fastify used only ${decimals(share * 100, 0)} % of its core at full speed: the load, or something else on this machine, ` +
    'limited it. Ratios of throughput are too near to 1 then; those of CPU time say more.']
}
