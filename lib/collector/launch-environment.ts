import { collectorEnvironment } from './collector-environment.ts'

/** Who did not say otherwise does not want to be reached from everywhere. */
const HOST = '127.0.0.1'

/** The environment of a collector that is started here: it listens to this machine alone, unless `LETTA_OTELCOL_HOST` says otherwise. */
export function launchEnvironment (env: Readonly<Record<string, string | undefined>>, lettaDirectory: string): Record<string, string> {
  return { LETTA_OTELCOL_HOST: HOST, ...collectorEnvironment(env, lettaDirectory) }
}
