import type { Environment } from '../options/environment.ts'
import { readVariables, resolveVariable, type MentionedVariable } from './read-variables.ts'
import { VARIABLES, type VariableKind } from './variables.ts'

/** A variable of a configuration, with the value that the collector will see. */
export interface Setting extends Pick<MentionedVariable, 'name' | 'isInFallback'> {
  readonly kind: VariableKind
  readonly meaning: string
  /** Empty where it is not set and there is no fallback. */
  readonly value: string
  /** Where it has a fallback, it need not be set. */
  readonly isRequired: boolean
  /** Set by the environment, in place of a fallback. */
  readonly isSet: boolean
}

/**
 * The settings of several files, each once; one that any file requires is required.
 *
 * @throws {LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION} a file cannot be read
 */
export async function readSettings (files: readonly string[], env: Environment): Promise<Setting[]> {
  // Most commands need no YAML, and it takes its time to load.
  const { readYaml, valuesOf } = await import('./read-yaml.ts')
  const documents = await Promise.all(files.map(readYaml))
  return readVariables(documents.flatMap(document => document === undefined ? [] : valuesOf(document)).join('\n')).map(variable => {
    const { name, fallback, isInFallback } = variable
    const { kind = 'value', meaning = '' } = VARIABLES[name] ?? {}
    return { name, kind, meaning, value: resolveVariable(variable, env), isRequired: fallback === undefined, isSet: env[name] !== undefined, isInFallback }
  })
}
