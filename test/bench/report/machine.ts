import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { canPin } from '../cores.ts'
import { wrkVersion } from '../load/wrk.ts'
import type { Results } from '../measure/measurement.ts'
import { table } from './table.ts'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string }>>
}

export function machineTable ({ processorsAwake }: Pick<Results, 'processorsAwake'>): string {
  const processors = cpus()
  return table(['', ''], [
    ['Processor', `${processors[0]?.model ?? 'unknown'}, ${processors.length} cores`],
    ['Idle processors', processorsAwake ? 'kept awake (PM QoS), so that no server pays for waking its client' : 'may sleep: a slow server also pays for waking its client'],
    ['Memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ['System', `${type()} ${release()}`],
    ['Node.js', process.versions.node],
    ['Server', canPin ? 'bound to a core that no load shares, with everything that it starts' : 'not bound to a core: there are no two, or no taskset'],
    ['Load', wrkVersion === undefined ? "the benchmark's own client: no wrk here, so a fast server may be limited by the load" : `wrk ${wrkVersion}; paced load by the benchmark's own client`]
  ])
}

/** The versions that the locks of the checkout and of the benchmark name. */
export function versionTable (): string {
  const project = lockOf('../../../package-lock.json').packages
  const bench = lockOf('../package-lock.json').packages
  const peers = ['@fastify/otel', '@opentelemetry/instrumentation-http', '@opentelemetry/sdk-node', '@autotelic/fastify-opentelemetry', 'dd-trace']
  return table(['Package', 'Version'], [
    ['letta-otel', project['']!.version],
    ...['fastify', 'pino', '@opentelemetry/api', '@opentelemetry/sdk-trace'].map(name => [name, project[`node_modules/${name}`]!.version]),
    ...peers.map(name => [name === '@opentelemetry/sdk-node' ? `${name} (of the other packages)` : name, bench[`node_modules/${name}`]!.version])
  ])
}

function lockOf (path: string): Lock {
  return JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')) as Lock
}
