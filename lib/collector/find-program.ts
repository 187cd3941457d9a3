import { LETTA_OTEL_COLLECTOR_UNUSABLE, LETTA_OTEL_INVALID_OPTION } from '../errors.ts'
import type { Environment } from '../options/environment.ts'
import { installedPath } from './installed.ts'
import { askVersion } from './program.ts'
import { COLLECTOR_VERSION } from './version.ts'

/** A collector that can be started. */
export interface Program {
  readonly path: string
  readonly version: string
  /** `binary`: one of the user's own; `installed`: by letta-otel. */
  readonly source: 'binary' | 'installed'
}

const VARIABLE = 'LETTA_OTELCOL_BINARY'

/**
 * The user's own collector, where one is named by the option or the variable.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} the option is empty, as with a shell's variable that is not set
 */
export function namedBinary (option: string | undefined, env: Environment): string | undefined {
  if (option === '') throw new LETTA_OTEL_INVALID_OPTION('--binary', '""', 'name a program, or leave the option out')
  const variable = env[VARIABLE]?.trim()
  return option ?? (variable === '' ? undefined : variable)
}

/**
 * The collector that would be started, without installing it.
 *
 * @param directory where letta-otel installs
 * @throws {LETTA_OTEL_COLLECTOR_UNUSABLE} it is missing or does not run
 */
export async function findProgram (binary: string | undefined, directory: string): Promise<Program> {
  const path = binary ?? installedPath(directory)
  const answer = await askVersion(path)
  const fix = binary === undefined ? 'Run letta-otel collector install' : `Name another one with --binary or ${VARIABLE}, or leave both out`
  if ('problem' in answer) throw new LETTA_OTEL_COLLECTOR_UNUSABLE(path, answer.problem, fix)
  if (binary === undefined && answer.version !== COLLECTOR_VERSION) {
    throw new LETTA_OTEL_COLLECTOR_UNUSABLE(path, `it says that it is version ${answer.version}`, fix)
  }
  return { path, version: answer.version, source: binary === undefined ? 'installed' : 'binary' }
}
