import { BatchWriter } from './batch-writer.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import type { Engine } from './engine.ts'
import { isMissing } from './engine-error.ts'
import { preparation, reach, untilReady } from './preparation.ts'
import { Problems } from './problems.ts'
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
  /**
   * Resolves when the engine was reached and its tables are ready. With `waitForEngine: false` that may take as long as it is
   * away; then it rejects with `LETTA_OTEL_STORE_TOO_NEW` or `LETTA_OTEL_STORE_RETENTION_SHORTER` where waiting is of no use, and
   * when the store is closed before. Nobody has to handle it: `onProblem` is told the same.
   */
  readonly ready: Promise<void>
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
  const closing = new AbortController()
  try {
    const prepare = preparation(engine, options)
    if (options.waitForEngine !== false) await prepare()
    const problems = new Problems(settings.onProblem)
    const ready = untilReady(prepare, problems, closing.signal)
    ready.catch(() => {})
    const writer = await BatchWriter.open(async ({ table, body, rows, token }) => {
      // Whatever its number: rows are not to blame for tables that cannot be made.
      await prepare().catch(problem => { throw new Error((problem as Error).message, { cause: problem }) })
      await engine.insert(table, body, rows, { token }).catch(problem => {
        if (isMissing(problem)) prepare.again()
        throw problem
      })
    }, settings, problems)
    let closed: Promise<void> | undefined
    return {
      engine,
      rows: storeRows(engine, writer),
      ready,
      stats: () => writer.stats,
      close: async () => {
        closing.abort()
        await (closed ??= writer.close().then(async () => { await engine.close() }))
      }
    }
  } catch (problem) {
    closing.abort()
    await engine.close()
    throw problem
  }
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
