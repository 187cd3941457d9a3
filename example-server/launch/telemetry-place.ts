import { join } from 'node:path'
import { lettaDirectory, storePlace } from '../store-place.ts'

type Fact = readonly [what: string, where: string]

/** Where the telemetry of processes with this environment goes, as lines for a person. */
export function telemetryPlace (env: NodeJS.ProcessEnv): Fact[] {
  const decided = decidedPlace(env)
  if (decided !== undefined) return [['Telemetry', decided]]
  const logs = join(lettaDirectory(env), 'logs')
  return [['Traces', join(logs, 'traces.json')], ['Metrics', join(logs, 'metrics.json')], ['Log', join(logs, 'Letta.log')]]
}

/** Whether the environment leaves open where telemetry goes. */
export function isUndecided (env: NodeJS.ProcessEnv): boolean {
  return decidedPlace(env) === undefined
}

function decidedPlace (env: NodeJS.ProcessEnv): string | undefined {
  if (isDisabled(env)) return 'off (OTEL_SDK_DISABLED)'
  if (env['NODE_ENV'] === 'test') return 'kept in memory (NODE_ENV=test)'
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['LETTA_OTEL_EXPORTER_OTLP_ENDPOINT']
  if (endpoint) return `sent to ${withoutCredentials(endpoint)}`
  if (['TRACES', 'METRICS', 'LOGS'].some(signal => env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])) return 'sent to the OTLP endpoints of the environment'
  return undefined
}

/** Where the runs of agents are kept; nothing where they are not. */
export function runsPlace (env: NodeJS.ProcessEnv): string | undefined {
  const place = isDisabled(env) ? false : storePlace(env)
  if (typeof place === 'object') return place.path
  return place ? withoutCredentials(env['CLICKHOUSE_ENDPOINT'] ?? '') : undefined
}

function isDisabled (env: NodeJS.ProcessEnv): boolean {
  return env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'
}

function withoutCredentials (text: string): string {
  if (!URL.canParse(text)) return 'the endpoint of the environment'
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`
}
