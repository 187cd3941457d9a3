import type { Environment } from '../options/environment.ts'
import { collectorEnvironment } from './collector-environment.ts'
import { LOOPBACK } from './host.ts'

/**
 * The environment of a collector that is started here: it listens to this machine alone, unless `LETTA_OTELCOL_HOST` says
 * otherwise. Who did not say so does not want to be reached from everywhere.
 */
export function launchEnvironment (env: Environment, lettaDirectory: string): Record<string, string> {
  return { LETTA_OTELCOL_HOST: LOOPBACK, ...collectorEnvironment(env, lettaDirectory) }
}
