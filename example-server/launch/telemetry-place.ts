import { join } from 'node:path'
import { lettaDirectory, storePlace } from '../store-place.ts'

/** Where the telemetry of processes with this environment goes, as lines for a person. */
export function telemetryPlace (env: NodeJS.ProcessEnv): Array<readonly [what: string, where: string]> {
  if (isDisabled(env)) return [['Telemetry', 'off (OTEL_SDK_DISABLED)']]
  if (env['NODE_ENV'] === 'test') return [['Telemetry', 'kept in memory (NODE_ENV=test)']]
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['LETTA_OTEL_EXPORTER_OTLP_ENDPOINT']
  if (endpoint) return [['Telemetry', `sent to ${withoutCredentials(endpoint)}`]]
  if (['TRACES', 'METRICS', 'LOGS'].some(signal => env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])) {
    return [['Telemetry', 'sent to the OTLP endpoints of the environment']]
  }
  const logs = join(lettaDirectory(env), 'logs')
  return [['Traces', join(logs, 'traces.json')], ['Metrics', join(logs, 'metrics.json')], ['Log', join(logs, 'Letta.log')]]
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
