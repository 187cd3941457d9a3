import { LETTA_OTEL_STORE_UNAVAILABLE, withoutCredentials } from '../errors.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import type { Engine } from './engine.ts'
import { migrate } from './migrate.ts'
import { setRetention } from './retention.ts'
import { ServerEngine } from './server-engine.ts'
import { engineLocation, type StoreOptions } from './store-options.ts'

/** Where telemetry and agents' work are kept. */
export interface Store {
  readonly engine: Engine
  close (): Promise<void>
}

/** @throws as {@link openStore} */
export async function openEngine (options: StoreOptions): Promise<Engine> {
  const location = engineLocation(options)
  if ('embedded' in location) return await EmbeddedEngine.open(location.embedded)
  try {
    return await ServerEngine.open(location.server)
  } catch (problem) {
    throw new LETTA_OTEL_STORE_UNAVAILABLE(
      withoutCredentials(location.server.url), (problem as Error).message, 'Check the URL, the user and the password, and that ClickHouse runs')
  }
}

export async function openStore (options: StoreOptions): Promise<Store> {
  const engine = await openEngine(options)
  try {
    if (options.migrate !== false) await migrate(engine, options)
    if (options.retention !== undefined) await setRetention(engine, options.retention, options)
  } catch (problem) {
    await engine.close()
    throw problem
  }
  return { engine, close: async () => { await engine.close() } }
}
