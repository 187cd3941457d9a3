import type { RuntimeOptions } from '../../options.ts'
import { EnvironmentReader, lettaDirectoryFrom, type Environment } from '../../options/environment.ts'
import { resolveOptions } from '../../options/resolve.ts'
import { checkEndpoints, sentSignals } from '../../runtime/check-endpoints.ts'
import { otlpEndpoints, type OtlpEndpoints } from '../../runtime/otlp-endpoints.ts'
import { PROBE_SERVICE } from './send-probe.ts'

/** What the environment says of telemetry, read as the plugin reads it. */
export interface Configuration {
  readonly disabled: boolean
  readonly runtime: RuntimeOptions
  /** Nothing where telemetry is not sent. */
  readonly endpoints: OtlpEndpoints | undefined
  /** Variables that are ignored, a sentence each. */
  readonly warnings: readonly string[]
}

/** @throws LETTA_OTEL_INVALID_ENVIRONMENT or LETTA_OTEL_INVALID_OPTION, as registering the plugin would */
export function readConfiguration (env: Environment, endpoint: string | undefined): Configuration {
  const warnings: string[] = []
  // What is sent from here is no work of the application's: it is told apart by its service.
  const resolved = resolveOptions({ serviceName: PROBE_SERVICE, ...endpoint !== undefined && { endpoint } }, env)
  const { disabled, runtime, warnings: ignored } = resolved
  checkEndpoints(runtime, sentSignals(resolved), env)
  const endpoints = runtime.destination === 'otlp' ? otlpEndpoints(runtime, env, problem => { warnings.push(problem) }) : undefined
  return { disabled, runtime, endpoints, warnings: [...new Set([...ignored, ...warnings])] }
}

/** Also known where the rest cannot be read. */
export function lettaDirectory (env: Environment): string {
  return lettaDirectoryFrom(new EnvironmentReader(env))
}
