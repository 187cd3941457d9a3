import { EmbeddedEngine } from '../store/embedded-engine.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { RETAINED_TABLES, setRetention, type RetentionByTable } from '../store/retention.ts'
import { migrate, schemaStatus } from '../store/migrate.ts'
import { checkRestricted, restrictedEngineArguments } from './access/engine-access.ts'
import type { ResolvedBackendOptions } from './backend-options.ts'

/** The store of a backend, whose engine is always embedded. */
export interface BackendStore extends Store {
  readonly engine: EmbeddedEngine
}

/** Opens the store, with tables that keep what the options say. What was there before loses nothing that nobody asked to lose. */
export async function openBackendStore ({ path, days, changesDays, memoryBytes, onProblem }: ResolvedBackendOptions): Promise<BackendStore> {
  const store = await openStore({ path, migrate: false, connectionArguments: [...await restrictedEngineArguments(path), ...engineArguments(memoryBytes)], onProblem })
  try {
    const { engine } = store
    if (!(engine instanceof EmbeddedEngine)) throw new TypeError('the engine is not embedded')
    await checkRestricted(engine, path)
    const retention: RetentionByTable = Object.fromEntries(RETAINED_TABLES.map(table => [table, { days }]))
    const { present } = await schemaStatus(engine)
    await migrate(engine, present === 0 ? { retention } : {})
    if (present > 0 && changesDays) await setRetention(engine, retention, { allowLoss: true })
    return { ...store, engine }
  } catch (problem) {
    await store.close()
    throw problem
  }
}

/** What keeps the engine small beside an application: its own defaults are those of a machine that has nothing else to do. */
function engineArguments (memoryBytes: number): string[] {
  const cacheBytes = Math.floor(memoryBytes / 16)
  return [`--max_server_memory_usage=${memoryBytes}`, `--mark_cache_size=${cacheBytes}`]
}
