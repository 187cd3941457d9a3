import { makeDirectory } from '../export/make-directory.ts'
import { withinTime } from '../export/within-time.ts'
import { LETTA_OTEL_STORE_ENGINE_MISSING, LETTA_OTEL_STORE_UNAVAILABLE } from '../errors.ts'
import { holderOf } from './directory-holder.ts'
import type { Engine, QueryOptions } from './engine.ts'
import { statementFailure } from './engine-error.ts'
import { EmbeddedSession } from './embedded-session.ts'
import { NATIVE_SETTINGS } from './engine-settings.ts'
import { quoteName, settingsText, withoutEnd } from './sql-names.ts'
import { Turns } from './turns.ts'

/** The part of chDB that is used here. */
interface ChdbSession {
  queryAsync (sql: string, options: ChdbOptions): Promise<ChdbResult>
  queryBindAsync (sql: string, params: object, options: ChdbOptions): Promise<ChdbResult>
  insert (options: { table: string, values: Buffer, format: 'JSONEachRow', settings: Record<string, string | number> }): Promise<unknown>
  close (): void
}
interface ChdbOptions {
  format: string
  signal?: AbortSignal
}
interface ChdbResult {
  bytes (): Uint8Array
  text (): string
}
export interface Chdb {
  Session: new (path: string, options: { connectionArgs: readonly string[] }) => ChdbSession
  /** A directory for all stores in memory of this process, which goes with the last of them. */
  openMemory (): { readonly path: string, close (): Promise<void> }
}

/** Where an embedded store is, and how it runs. */
export interface EmbeddedLocation {
  /** A directory, or `:memory:` for one that lives as long as stores of this process use it. */
  path: string
  database: string
  /** Arguments of the engine, as `--config-file=…`. Those of the first store of a process on a path count. */
  connectionArguments: readonly string[]
  queryTimeoutMs: number
}

export const IN_MEMORY = ':memory:'

/** Why a directory cannot be opened that nothing is wrong with. */
export const HELD_ELSEWHERE = 'another process has it open'

/**
 * chDB works on libuv's pool, which has four threads unless UV_THREADPOOL_SIZE says otherwise, and which files, name
 * look-ups and compression of the application need too.
 */
const THREADS_TAKEN = 2

/** Milliseconds that closing waits for what runs; the engine itself then frees the directory when that is done. */
const CLOSING_MS = 2_000

/** ClickHouse in this process: chDB. Its work is done off the event loop, so it holds up neither requests nor timers. */
export class EmbeddedEngine implements Engine {
  readonly kind = 'embedded'
  readonly database: string
  readonly #session: ChdbSession
  readonly #openSession: () => EmbeddedSession
  readonly #turns = new Turns(THREADS_TAKEN)
  readonly #querySettings: Record<string, string | number>
  readonly #memory: { close (): Promise<void> } | undefined

  private constructor (
    session: ChdbSession, openSession: () => EmbeddedSession, { database, queryTimeoutMs }: EmbeddedLocation, memory?: { close (): Promise<void> }
  ) {
    this.#session = session
    this.#openSession = openSession
    this.#memory = memory
    this.database = database
    // The engine cannot be interrupted from outside: only its own limit ends a query that runs away.
    this.#querySettings = { ...NATIVE_SETTINGS, max_execution_time: queryTimeoutMs / 1_000 }
  }

  /**
   * Stores of one process on the same path share the engine; it is freed with the last of them.
   *
   * @throws {LETTA_OTEL_STORE_ENGINE_MISSING} chDB is not installed, or does not exist for this platform
   * @throws {LETTA_OTEL_STORE_UNAVAILABLE} another process has the directory, or this one has another directory open
   */
  static async open (location: EmbeddedLocation, load = importChdb, platform = process.platform): Promise<EmbeddedEngine> {
    const { path, database, connectionArguments } = location
    const chdb = await loadChdb(load, platform)
    let session: ChdbSession | undefined
    let memory: ReturnType<Chdb['openMemory']> | undefined
    try {
      if (path === IN_MEMORY) memory = chdb.openMemory()
      else await makeDirectory(path, 0o700)
      session = new chdb.Session(memory?.path ?? path, { connectionArgs: connectionArguments })
      await session.queryAsync(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`, { format: 'Null' })
      await session.queryAsync(`USE ${quoteName(database)}`, { format: 'Null' })
    } catch (problem) {
      session?.close()
      await memory?.close()
      throw await unavailable(path, problem as Error)
    }
    const place = memory?.path ?? path
    return new EmbeddedEngine(session, () => new EmbeddedSession(new chdb.Session(place, { connectionArgs: [] })), location, memory)
  }

  /** Opens a connection of its own to the same data, for whoever closes it. */
  openSession (): EmbeddedSession {
    return this.#openSession()
  }

  async query<Row> (sql: string, params: Readonly<Record<string, unknown>> = {}, { signal, settings = {} }: QueryOptions = {}): Promise<Row[]> {
    const text = await this.#run('a query', sql, params, { ...this.#querySettings, ...settings }, signal)
    return text.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Row)
  }

  async command (sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#run('a statement', sql, params)
  }

  async #run (what: string, sql: string, params: Readonly<Record<string, unknown>>, settings?: Record<string, string | number>, signal?: AbortSignal): Promise<string> {
    try {
      // FORMAT has to be behind the end of a query, and not part of a comment. Behind FORMAT, settings are those of the whole query, also of one with UNION or with settings of its own.
      const asked = settings === undefined ? sql : `${withoutEnd(sql)}\nFORMAT JSONEachRow\nSETTINGS ${settingsText(settings)}`
      const options = { format: 'JSONEachRow', ...(signal !== undefined && { signal }) }
      const result = await this.#turns.take(async () => {
        // Who waited for a turn may have gone meanwhile.
        signal?.throwIfAborted()
        return Object.keys(params).length === 0
          ? await this.#session.queryAsync(asked, options)
          : await this.#session.queryBindAsync(asked, params, options)
      })
      return result.text()
    } catch (problem) {
      throw statementFailure(what, problem, true)
    }
  }

  async insert (table: string, rows: string | Buffer, _rowCount: number, { token }: { token?: string } = {}): Promise<void> {
    const settings = { ...NATIVE_SETTINGS, ...(token !== undefined && { insert_deduplication_token: token }) }
    try {
      await this.#turns.take(async () => await this.#session.insert({
        table: `${this.database}.${table}`, values: typeof rows === 'string' ? Buffer.from(rows) : rows, format: 'JSONEachRow', settings
      }))
    } catch (problem) {
      throw statementFailure(`an insert into ${table}`, problem, false)
    }
  }

  async close (): Promise<void> {
    // Closing under a running statement only takes effect behind it: a store that is opened next would find the path in use.
    await withinTime(this.#turns.idle(), CLOSING_MS)
    this.#session.close()
    await this.#memory?.close()
  }
}

async function loadChdb (load: () => Promise<Chdb>, platform: NodeJS.Platform): Promise<Chdb> {
  if (platform === 'win32') {
    throw new LETTA_OTEL_STORE_ENGINE_MISSING('chDB does not exist for Windows', 'Use a ClickHouse server ({ url } or CLICKHOUSE_ENDPOINT), or WSL 2')
  }
  try {
    return await load()
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    throw code === 'ERR_MODULE_NOT_FOUND'
      ? new LETTA_OTEL_STORE_ENGINE_MISSING('package "chdb" is not installed', 'Run: npm install chdb')
      : new LETTA_OTEL_STORE_ENGINE_MISSING(`package "chdb" cannot be loaded (${message.split('\n')[0]})`,
        'It needs Linux with glibc or macOS, on x64 or arm64. Elsewhere, use a ClickHouse server')
  }
}

async function importChdb (): Promise<Chdb> {
  const [{ Session }, { createChdbConnection }] = await Promise.all([import('chdb'), import('chdb/connection')])
  const openMemory: Chdb['openMemory'] = () => {
    const connection = createChdbConnection({ path: IN_MEMORY })
    return { path: connection.chdb.session.path, close: async () => { await connection.close() } }
  }
  return { Session, openMemory } as unknown as Chdb
}

async function unavailable (path: string, { message }: Error): Promise<Error> {
  if (await holderOf(path) !== undefined) {
    return new LETTA_OTEL_STORE_UNAVAILABLE(path, HELD_ELSEWHERE, 'One process at a time may hold the directory: close the other, or use a ClickHouse server')
  }
  if (message.includes('one active data directory') || message.includes('still releasing')) {
    return new LETTA_OTEL_STORE_UNAVAILABLE(path, 'this process has a store at another path open',
      'chDB holds one directory a process: use the same path, close the other store first, or use a ClickHouse server')
  }
  return new LETTA_OTEL_STORE_UNAVAILABLE(path, message.split('\n')[0]!.slice(0, 300), 'Check that the directory can be written')
}
