import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS, LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION, describeValue } from '../errors.ts'
import type { Environment } from '../options/environment.ts'
import { CONFIGURATIONS, configurationFiles, isSet, type ConfigurationName } from './configurations.ts'

/** What a collector is started with. */
export interface Selection {
  /** As it is said to people. */
  readonly name: string
  readonly reason: string
  /** The one that letta-otel brings, if any; other files are the user's. */
  readonly configurations: readonly ConfigurationName[]
  /** Paths, of which a later one counts where two say different things. */
  readonly files: readonly string[]
  readonly featureGates: readonly string[]
}

/** In this order: who sets up two back ends wants the first. */
const BY_VARIABLES: ReadonlyArray<readonly [name: ConfigurationName, variables: readonly string[]]> = [
  ['clickhouse', ['CLICKHOUSE_ENDPOINT', 'CLICKHOUSE_PASSWORD']],
  ['signoz', ['SIGNOZ_ENDPOINT', 'SIGNOZ_INGESTION_KEY']]
]

/**
 * @param requested names of configurations, and files; with none, the environment decides
 * @throws {LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION} something is neither
 * @throws {LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS} two names: pipelines are lists, so that the second would take the first one's exporters away
 */
export function selectConfiguration (requested: readonly string[], env: Environment): Selection {
  if (requested.length === 0) return selectFrom(env)
  const files: string[] = []
  const configurations = new Set<ConfigurationName>()
  for (const one of requested) {
    if (isConfigurationName(one)) {
      configurations.add(one)
      files.push(...configurationFiles(one, env))
    } else if (existsSync(one)) {
      files.push(resolve(one))
    } else {
      throw new LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION(describeValue(one), Object.keys(CONFIGURATIONS).join(', '))
    }
  }
  if (configurations.size > 1) throw new LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS([...configurations].join(' and '))
  return selection(requested.join(' + '), 'as it was asked for', [...configurations], files)
}

function selectFrom (env: Environment): Selection {
  const [name, variables] = BY_VARIABLES.find(([, variables]) => variables.every(variable => isSet(env[variable]))) ?? ['file', undefined]
  const reason = variables === undefined
    ? `as neither ${BY_VARIABLES.map(([, variables]) => variables.join(' and ')).join(', nor ')} are set`
    : `as ${variables.join(' and ')} are set`
  const halves = BY_VARIABLES.flatMap(([, variables]) => halfOf(variables, env) ?? [])
  return selection(name, [reason, ...halves].join('; '), [name], configurationFiles(name, env))
}

/** Who sets one of them probably meant both. */
function halfOf (variables: readonly string[], env: Environment): string | undefined {
  const set = variables.filter(variable => isSet(env[variable]))
  return set.length === 0 || set.length === variables.length ? undefined : `${set.join(', ')} alone chooses nothing`
}

function selection (name: string, reason: string, configurations: readonly ConfigurationName[], files: readonly string[]): Selection {
  const featureGates = new Set(configurations.flatMap(name => CONFIGURATIONS[name].featureGates))
  return { name, reason, configurations, files: [...new Set(files)], featureGates: [...featureGates] }
}

function isConfigurationName (name: string): name is ConfigurationName {
  return Object.hasOwn(CONFIGURATIONS, name)
}

/** The collector's arguments for it. */
export function selectionArguments ({ files, featureGates }: Selection): string[] {
  return [...files.map(file => `--config=${file}`), ...(featureGates.length === 0 ? [] : [`--feature-gates=${featureGates.join(',')}`])]
}
