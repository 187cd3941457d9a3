import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Where what the agents do is kept: `true` for the ClickHouse server that the environment names, else a directory of the
 * example's own for chDB; nowhere in tests, and where chDB is not installed.
 */
export function storePlace (env: NodeJS.ProcessEnv): boolean | { readonly path: string } {
  if (env['NODE_ENV'] === 'test') return false
  if (env['CLICKHOUSE_ENDPOINT']?.trim()) return true
  return hasEmbeddedStore() && { path: dataDirectory(env) }
}

/** Where chDB keeps what the example sends, apart from what other applications do. */
export function dataDirectory (env: NodeJS.ProcessEnv): string {
  return join(lettaDirectory(env), 'example-server', 'data')
}

/** `$LETTA_DIR`, as letta-otel finds it. */
export function lettaDirectory (env: NodeJS.ProcessEnv): string {
  return env['LETTA_DIR']?.trim() || join(homedir(), '.letta')
}

/** There is no chDB for some platforms, and then it cannot be loaded although it is installed. */
export function hasEmbeddedStore (): boolean {
  try {
    createRequire(import.meta.url)('chdb')
    return true
  } catch {
    return false
  }
}
