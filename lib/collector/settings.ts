import { readFile } from 'node:fs/promises'
import { readVariables, resolveVariable } from './read-variables.ts'
import { VARIABLES, type VariableKind } from './variables.ts'

/** A variable of a configuration, with the value that the collector will see. */
export interface Setting {
  readonly name: string
  readonly kind: VariableKind
  readonly meaning: string
  /** Empty where it is not set and there is no fallback. */
  readonly value: string
  /** Where it has a fallback, it need not be set. */
  readonly isRequired: boolean
  /** Set by the environment, in place of a fallback. */
  readonly isSet: boolean
}

/** The settings of several files, each once; one that any file requires is required. */
export async function readSettings (files: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<Setting[]> {
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8')))
  return readVariables(texts.join('\n')).map(variable => {
    const { name, fallback } = variable
    const { kind = 'value', meaning = '' } = VARIABLES[name] ?? {}
    return { name, kind, meaning, value: resolveVariable(variable, env), isRequired: fallback === undefined, isSet: env[name] !== undefined }
  })
}
