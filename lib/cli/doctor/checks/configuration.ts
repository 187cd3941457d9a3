import { describeEndpoint } from '../../../runtime/otlp-endpoints.ts'
import type { Configuration } from '../configuration.ts'
import { failure, ok, warning, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

/** Whether the environment can be read as the plugin reads it, and what it means. */
export async function checkConfiguration ({ configuration, problem, lettaDirectory }: Inspection): Promise<Finding> {
  if (configuration === undefined) return failure(problem?.message ?? 'the environment cannot be read', 'correct it: an application that registers the plugin would not start')
  const { disabled, warnings } = configuration
  if (disabled) return warning('telemetry is off: OTEL_SDK_DISABLED is true', 'unset it to see anything')
  const found = meaningOf(configuration, lettaDirectory)
  return warnings.length === 0 ? ok(found) : warning(`${found}; ${warnings.join('; ')}`, 'correct the variables, or unset them')
}

function meaningOf ({ runtime, endpoints }: Configuration, lettaDirectory: string): string {
  if (endpoints !== undefined) return `telemetry is sent to ${describeEndpoint(endpoints)}`
  switch (runtime.destination) {
    case 'memory': return 'telemetry stays in memory: NODE_ENV is test'
    default: return `telemetry is written to files in ${lettaDirectory}/logs: no endpoint is set`
  }
}
