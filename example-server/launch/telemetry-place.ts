import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the telemetry of processes with this environment goes, as lines for a person. */
export function telemetryPlace (env: NodeJS.ProcessEnv): Array<readonly [what: string, where: string]> {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return [['Telemetry', 'off (OTEL_SDK_DISABLED)']]
  if (env['NODE_ENV'] === 'test') return [['Telemetry', 'kept in memory (NODE_ENV=test)']]
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['LETTA_OTEL_EXPORTER_OTLP_ENDPOINT']
  if (endpoint) return [['Telemetry', `sent to ${withoutCredentials(endpoint)}`]]
  if (['TRACES', 'METRICS', 'LOGS'].some(signal => env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])) {
    return [['Telemetry', 'sent to the OTLP endpoints of the environment']]
  }
  const logs = join(env['LETTA_DIR']?.trim() || join(homedir(), '.letta'), 'logs')
  return [['Traces', join(logs, 'traces.json')], ['Metrics', join(logs, 'metrics.json')], ['Log', join(logs, 'Letta.log')]]
}

function withoutCredentials (text: string): string {
  if (!URL.canParse(text)) return 'the OTLP endpoint of the environment'
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`
}
