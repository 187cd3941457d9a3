/** What is compared, in the order of the report. */

export interface BenchCase {
  readonly name: string
  readonly title: string
  /** File of servers/, without its ending. */
  readonly server: string
  readonly env?: Readonly<Record<string, string>>
  /** What Node loads before anything else. */
  readonly preload?: string
  /** Which requests have to have a span at the sink: each one, those its sampler chose, or none. */
  readonly spans: 'all' | 'sampled' | 'none'
  /** Ours: a span that is missing is a fault. */
  readonly ours: boolean
  /** A full run measures it with these; get is the comparison of all, the others are for the cases whose figures they decide. */
  readonly workloads: readonly string[]
}

const EVERYTHING = ['get', 'post', 'mix', 'stream']

export const CASES: readonly BenchCase[] = [
  { name: 'bare', title: 'bare Fastify', server: 'bare', spans: 'none', ours: false, workloads: EVERYTHING },
  { name: 'fast', title: 'letta-otel, engine `fast`', server: 'fast', spans: 'all', ours: true, workloads: EVERYTHING },
  { name: 'fast-logs', title: 'letta-otel, engine `fast`, OTLP logs', server: 'fast-logs', spans: 'all', ours: true, workloads: ['post'] },
  { name: 'fast-sampled', title: 'letta-otel, engine `fast`, 10 % sampled', server: 'fast', env: sampledBy('0.1'), spans: 'sampled', ours: true, workloads: ['get'] },
  { name: 'fast-unsampled', title: 'letta-otel, engine `fast`, sampled out', server: 'fast', env: sampledBy('0'), spans: 'none', ours: true, workloads: ['get'] },
  { name: 'sdk', title: 'letta-otel, engine `sdk`', server: 'sdk', spans: 'all', ours: true, workloads: ['get', 'post'] },
  { name: 'fastify-otel', title: '@fastify/otel, no hook and handler spans', server: 'fastify-otel-plain', spans: 'all', ours: false, workloads: ['get'] },
  { name: 'fastify-otel-http', title: '@fastify/otel, no hook and handler spans, instrumentation-http', server: 'fastify-otel-http', spans: 'all', ours: false, workloads: ['get'] },
  { name: 'fastify-otel-hooks', title: '@fastify/otel', server: 'fastify-otel-hooks', spans: 'all', ours: false, workloads: ['get'] },
  { name: 'fastify-otel-hooks-http', title: '@fastify/otel, instrumentation-http (as documented)', server: 'fastify-otel-hooks-http', spans: 'all', ours: false, workloads: EVERYTHING },
  { name: 'autotelic', title: '@autotelic/fastify-opentelemetry', server: 'autotelic', spans: 'all', ours: false, workloads: ['get', 'post'] },
  { name: 'dd-trace', title: 'dd-trace', server: 'dd-trace', preload: 'dd-trace/initialize.mjs', spans: 'all', ours: false, workloads: EVERYTHING }
]

export function caseNamed (name: string): BenchCase {
  const found = CASES.find(one => one.name === name)
  if (found === undefined) throw new Error(`no case ${name}: use one of ${CASES.map(one => one.name).join(', ')}`)
  return found
}

function sampledBy (ratio: string): Record<string, string> {
  return { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: ratio }
}
