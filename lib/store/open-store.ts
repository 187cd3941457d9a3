import { LETTA_OTEL_STORE_TOO_NEW, LETTA_OTEL_STORE_UNAVAILABLE, withoutCredentials } from '../errors.ts'
import { BatchWriter } from './batch-writer.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import type { Engine } from './engine.ts'
import { isMissing } from './engine-error.ts'
import { migrate } from './migrate.ts'
import { setRetention } from './retention.ts'
import type { RowReader, RowSink } from './rows.ts'
import { ServerEngine } from './server-engine.ts'
import { engineLocation, writerSettings, type StoreOptions } from './store-options.ts'
import { storeRows } from './store-rows.ts'
import type { WriterStats } from './writer-stats.ts'

/** Where telemetry and agents' work are kept. */
export interface Store {
  readonly engine: Engine
  /** Agents' work, to be written and found again. */
  readonly rows: RowSink & RowReader
  /** What became of written rows, since the store was opened. */
  stats (): WriterStats
  /** Writes what is left within `shutdownTimeoutMs`, or brings it to the spool, and frees the engine. Never rejects; twice does nothing. */
  close (): Promise<void>
}

/**
 * Opens a store and makes its tables where they are missing.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} an option has a value that cannot work
 * @throws {LETTA_OTEL_STORE_ENGINE_MISSING} `{ path }`, and chDB is not installed or does not exist for this platform
 * @throws {LETTA_OTEL_STORE_UNAVAILABLE} the server cannot be reached, or somebody else has the directory
 * @throws {LETTA_OTEL_STORE_TOO_NEW} a newer version of letta-otel made the tables
 * @throws {LETTA_OTEL_STORE_RETENTION_SHORTER} `retention` would delete rows that are kept today
 */
export async function openStore (options: StoreOptions): Promise<Store> {
  const settings = writerSettings(options)
  const engine = await connect(options)
  try {
    const prepare = preparation(engine, options)
    if (options.waitForEngine !== false) await prepare()
    const writer = await BatchWriter.open(async ({ table, body, rows, token }) => {
      // Whatever its number: rows are not to blame for tables that cannot be made.
      await prepare().catch(problem => { throw new Error((problem as Error).message, { cause: problem }) })
      await engine.insert(table, body, rows, { token }).catch(problem => {
        if (isMissing(problem)) prepare.again()
        throw problem
      })
    }, settings)
    let closed: Promise<void> | undefined
    return {
      engine,
      rows: storeRows(engine, writer),
      stats: () => writer.stats,
      close: async () => { await (closed ??= writer.close().then(async () => { await engine.close() })) }
    }
  } catch (problem) {
    await engine.close()
    throw problem
  }
}

/** Makes the engine ready once; where that failed, or a table has gone since, the next who asks tries again. */
function preparation (engine: Engine, options: StoreOptions): { (): Promise<void>, again (): void } {
  let ready: Promise<void> | undefined
  let isAgain = false
  const prepare = async (): Promise<void> => {
    ready ??= prepareTables(engine, options, isAgain).catch(problem => {
      // Of no use to try again: nothing here makes the code newer.
      if (!(problem instanceof LETTA_OTEL_STORE_TOO_NEW)) ready = undefined
      throw problem
    })
    await ready
  }
  return Object.assign(prepare, {
    again: () => {
      ready = undefined
      isAgain = true
    }
  })
}

async function prepareTables (engine: Engine, { migrate: wanted, storagePolicy, retention }: StoreOptions, again: boolean): Promise<void> {
  await reach(engine)
  if (wanted !== false) await migrate(engine, { storagePolicy, retention, again })
  if (retention !== undefined) await setRetention(engine, retention, { storagePolicy })
}

/** An engine alone, as tools need it: no tables are made and nothing waits to be written. Throws as {@link openStore}. */
export async function openEngine (options: StoreOptions): Promise<Engine> {
  const engine = await connect(options)
  try {
    await reach(engine)
  } catch (problem) {
    await engine.close()
    throw problem
  }
  return engine
}

async function connect (options: StoreOptions): Promise<Engine> {
  const location = engineLocation(options)
  return 'embedded' in location ? await EmbeddedEngine.open(location.embedded) : new ServerEngine(location.server)
}

/** An embedded engine is there when it is open. */
async function reach (engine: Engine): Promise<void> {
  if (!(engine instanceof ServerEngine)) return
  try {
    await engine.makeDatabase()
  } catch (problem) {
    throw new LETTA_OTEL_STORE_UNAVAILABLE(
      withoutCredentials(engine.url), (problem as Error).message, 'Check the URL, the user and the password, and that ClickHouse runs')
  }
}
