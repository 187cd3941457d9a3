import type { Environment } from '../options/environment.ts'
import { hostBeforePort } from './host.ts'
import { VARIABLES } from './variables.ts'

const HOST = 'LETTA_OTELCOL_HOST'
const MEMORY_MIB = 1024
/** Of the memory limit: where Go's collector of garbage begins to work harder, before anything has to be refused. */
const GARBAGE_COLLECTION_SHARE = 0.8

/**
 * The environment that a collector is started with. To it, a variable that is set and empty is set: those go, as if they were
 * not set at all.
 *
 * @param lettaDirectory what `LETTA_DIR` is where it is not set
 */
export function collectorEnvironment (env: Environment, lettaDirectory: string): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => {
    const [name, value] = entry
    return value !== undefined && !(value.trim() === '' && Object.hasOwn(VARIABLES, name))
  })
  const set = Object.fromEntries(entries)
  const limit = Number(set['LETTA_OTELCOL_MEMORY_MIB'] ?? MEMORY_MIB)
  return {
    ...Number.isInteger(limit) && { GOMEMLIMIT: `${Math.floor(limit * GARBAGE_COLLECTION_SHARE)}MiB` },
    LETTA_DIR: lettaDirectory,
    ...set,
    // Its configurations put a port behind it.
    ...set[HOST] !== undefined && { [HOST]: hostBeforePort(set[HOST].trim()) }
  }
}

/**
 * An environment whose values reach the collector as they are: it reads what a variable holds like its configuration, where
 * `$$` is one dollar and `${…}` another variable. Variables that the configurations do not know stay: theirs may be meant so.
 */
export function withLiteralValues (env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, Object.hasOwn(VARIABLES, name) ? value.replaceAll('$', '$$$$') : value]))
}
