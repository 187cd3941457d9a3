import { checkDestinations } from './check-destinations.ts'
import { checkPaths } from './check-paths.ts'
import { checkPorts } from './check-ports.ts'
import { CONFIGURATIONS } from './configurations.ts'
import type { Selection } from './selection.ts'
import { readSettings, type Setting } from './settings.ts'
import { VARIABLES } from './variables.ts'

/** What was looked at before a start. */
export interface Check {
  readonly kind: 'variable' | 'port' | 'path' | 'configuration'
  readonly what: string
  /** What it is for. */
  readonly meaning: string
  /** What is wrong and how to put it right; undefined where all is well. Never the value of a secret. */
  readonly problem: string | undefined
}

/**
 * What a collector would fail over sooner or later, found before it starts.
 *
 * @param env what the collector will get
 */
export async function checkBeforeStart (selection: Selection, env: Readonly<Record<string, string>>): Promise<Check[]> {
  const settings = await readSettings(selection.files, env)
  return [...checkVariables(settings), ...checkDollars(settings), ...checkAlternatives(selection, env), ...checkCompanions(selection, env), ...checkDestinations(settings), ...await checkPorts(settings), ...await checkPaths(settings)]
}

/** A check in words, where something is wrong. */
export function problemText ({ what, meaning, problem }: Check): string {
  return `${what}${meaning === '' ? '' : ` (${meaning})`}: ${problem}`
}

function checkVariables (settings: readonly Setting[]): Check[] {
  return settings.filter(({ isRequired }) => isRequired).map(({ name, isSet, meaning }) => ({
    kind: 'variable', what: name, meaning, problem: isSet ? undefined : 'it is not set, and the configuration needs it'
  }))
}

/** The collector refuses such a value in words that name neither the variable nor the reason. */
function checkDollars (settings: readonly Setting[]): Check[] {
  return settings.filter(({ isInFallback, isSet, value }) => isInFallback && isSet && value.includes('$')).map(({ name, meaning }) => ({
    kind: 'variable', what: name, meaning, problem: 'it has a "$", which the collector does not take there: use another path'
  }))
}

/** Of what joins a configuration when a variable is set, one may have to. */
function checkAlternatives ({ configurations }: Selection, env: Readonly<Record<string, string>>): Check[] {
  return configurations.flatMap(name => {
    const variables = CONFIGURATIONS[name].needsOneOf?.map(({ variable }) => variable) ?? []
    if (variables.length === 0) return []
    const isAnySet = variables.some(variable => env[variable] !== undefined)
    return [{ kind: 'variable' as const, what: variables.join(' or '), meaning: 'one of them', problem: isAnySet ? undefined : 'none of them is set' }]
  })
}

/** Half of what turns something on would leave it off without a word. */
function checkCompanions ({ configurations }: Selection, env: Readonly<Record<string, string>>): Check[] {
  return configurations.flatMap(name => CONFIGURATIONS[name].joining).flatMap(({ variable, alone }) => {
    const set = env[variable] === undefined ? alone?.variables.filter(other => env[other] !== undefined) ?? [] : []
    return set.map(other => ({
      kind: 'variable' as const, what: other, meaning: VARIABLES[other]?.meaning ?? '', problem: `it is set and ${variable} is not: ${alone!.then}. Set that too, or leave this out`
    }))
  })
}
