import { LETTA_OTEL_INVALID_ENVIRONMENT, LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import type { Environment } from '../options/environment.ts'
import type { EmbeddedLocation } from './embedded-engine.ts'
import { MILLISECONDS_MAX } from './milliseconds.ts'
import { checkRetention, type RetentionByTable } from './retention.ts'
import type { ServerAddress } from './server-engine.ts'
import { isClusterName, isPlainName } from './sql-names.ts'

/** chDB, in this process. */
export interface EmbeddedOptions {
  /** A directory that one process at a time may hold, or `:memory:` for one that goes with the store. */
  path: string
  /** Arguments of the engine, in the form of `clickhouse local`: `--config-file=/etc/chdb.xml`. @default [] */
  connectionArguments?: readonly string[]
}

/** ClickHouse behind HTTP. */
export interface ServerOptions {
  /** `http://127.0.0.1:8123`. */
  url: string
  /** @default 'default' */
  username?: string
  /** @default '' */
  password?: string
  /** A cluster of the server's configuration: tables are replicated, and spread over its shards. */
  cluster?: string
}

/** What any store may be told. */
export interface CommonStoreOptions {
  /** Made where it is missing. @default 'otel' */
  database?: string
  /** Whether tables are made and brought to the present schema. @default true */
  migrate?: boolean
  /** Whether to reject when the engine is away. Without, rows wait until it is there and the tables are ready. @default true */
  waitForEngine?: boolean
  /** Milliseconds that a query may take. @default 30_000 */
  queryTimeoutMs?: number
  /** Name of a storage policy with a volume `cold`, to which rows go when they are no longer hot. */
  storagePolicy?: string
  /** Days that rows are kept, by table. What is not named stays as it is, at first the default of docs/store.md. */
  retention?: RetentionByTable
  /** Rows that wait to be written; of more, the newest are dropped and counted. @default 100_000 */
  maxRows?: number
  /** Bytes of such rows as JSON. @default 67_108_864 (64 MiB) */
  maxBytes?: number
  /** Milliseconds that a row may wait for others; the first after a time as quiet as that waits 50 at most. @default 1_000 */
  flushIntervalMs?: number
  /** Where rows wait while the engine is away. Without, they wait in memory. */
  spool?: SpoolLocation
  /** Milliseconds that `close()` may take to write what is left. @default 2_000 */
  shutdownTimeoutMs?: number
  /** Told each problem of writing, in words without a row's content: once while it lasts, and again when it comes back, at most once a minute. What it throws is ignored. */
  onProblem?: (problem: string) => void
}

export interface SpoolLocation {
  /** Made where it is missing, for its owner alone. Processes may share it. */
  directory: string
  /** Bytes on the disk; the oldest rows make room. @default 268_435_456 (256 MiB) */
  maxBytes?: number
}

/** Which engine, and how. */
export type StoreOptions = (EmbeddedOptions | ServerOptions) & CommonStoreOptions

/** The compiler sees to it that none is missing. */
const NAMES: Readonly<Record<keyof EmbeddedOptions | keyof ServerOptions | keyof CommonStoreOptions, true>> = Object.freeze({
  path: true,
  connectionArguments: true,
  url: true,
  username: true,
  password: true,
  cluster: true,
  database: true,
  migrate: true,
  waitForEngine: true,
  queryTimeoutMs: true,
  storagePolicy: true,
  retention: true,
  maxRows: true,
  maxBytes: true,
  flushIntervalMs: true,
  spool: true,
  shutdownTimeoutMs: true,
  onProblem: true
})

const DATABASE = 'otel'
/** What rows that wait may take of the disk, unless an option says otherwise. */
export const SPOOL_BYTES = 256 * 1024 * 1024
const QUERY_TIMEOUT_MS = 30_000

/** How rows are written, every option with its value. */
export interface WriterSettings {
  readonly maxRows: number
  readonly maxBytes: number
  readonly flushIntervalMs: number
  readonly spool: Required<SpoolLocation> | undefined
  readonly shutdownTimeoutMs: number
  readonly onProblem: (problem: string) => void
}

/** @throws {LETTA_OTEL_INVALID_OPTION} a number is none, or not a whole one above 0; a time is more than a timer takes */
export function writerSettings (options: CommonStoreOptions): WriterSettings {
  const { spool } = options
  return {
    maxRows: positive('maxRows', options.maxRows, 100_000),
    maxBytes: positive('maxBytes', options.maxBytes, 64 * 1024 * 1024),
    flushIntervalMs: milliseconds('flushIntervalMs', options.flushIntervalMs, 1_000),
    shutdownTimeoutMs: milliseconds('shutdownTimeoutMs', options.shutdownTimeoutMs, 2_000),
    spool: spool && { directory: directoryOf(spool), maxBytes: positive('spool.maxBytes', spool.maxBytes, SPOOL_BYTES) },
    onProblem: listener(options.onProblem)
  }
}

function directoryOf ({ directory }: SpoolLocation): string {
  if (typeof directory === 'string' && directory !== '') return directory
  throw new LETTA_OTEL_INVALID_OPTION('spool.directory', describeValue(directory), 'name a directory')
}

function listener (onProblem: CommonStoreOptions['onProblem'] = () => {}): WriterSettings['onProblem'] {
  if (typeof onProblem === 'function') return onProblem
  throw new LETTA_OTEL_INVALID_OPTION('onProblem', describeValue(onProblem), 'use a function')
}

/** @throws {LETTA_OTEL_INVALID_OPTION} an option is unknown, or has a value that cannot work */
export function engineLocation (options: StoreOptions): { embedded: EmbeddedLocation } | { server: ServerAddress } {
  checkNames(options)
  checkRetention(options.retention ?? {})
  const { storagePolicy } = options
  if (storagePolicy !== undefined && !isClusterName(storagePolicy)) {
    throw new LETTA_OTEL_INVALID_OPTION('storagePolicy', describeValue(storagePolicy), 'use the name of a policy in the server\'s configuration')
  }
  const database = options.database ?? DATABASE
  if (!isPlainName(database)) throw new LETTA_OTEL_INVALID_OPTION('database', describeValue(database), 'use letters, digits and _, as otel')
  const queryTimeoutMs = milliseconds('queryTimeoutMs', options.queryTimeoutMs, QUERY_TIMEOUT_MS)
  if (isEmbedded(options)) {
    if (options.path === '') throw new LETTA_OTEL_INVALID_OPTION('path', '""', "name a directory, or ':memory:'")
    return { embedded: { path: options.path, database, connectionArguments: options.connectionArguments ?? [], queryTimeoutMs } }
  }
  const { url, username = 'default', password = '', cluster } = options
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol)) {
    throw new LETTA_OTEL_INVALID_OPTION('url', describeValue(url), 'use an http: or https: URL such as http://127.0.0.1:8123')
  }
  if (cluster !== undefined && !isClusterName(cluster)) {
    throw new LETTA_OTEL_INVALID_OPTION('cluster', describeValue(cluster), 'use the name of a cluster in the server\'s configuration')
  }
  return { server: { url, username, password, database, cluster, queryTimeoutMs } }
}

/** Values often come from an environment, in which one of the two is not there. */
function isEmbedded (options: StoreOptions): options is EmbeddedOptions & CommonStoreOptions {
  return 'path' in options && (options.path as string | undefined) !== undefined
}

/** A misspelt option would be none. */
function checkNames (options: StoreOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !Object.hasOwn(NAMES, name)) {
      // It may be a misspelt password.
      const said = typeof value === 'string' ? 'a text' : describeValue(value)
      throw new LETTA_OTEL_INVALID_OPTION(`store.${name}`, said, `unknown; use one of ${Object.keys(NAMES).join(', ')}`)
    }
  }
  const { path, url } = options as Partial<EmbeddedOptions & ServerOptions>
  if (path !== undefined && url !== undefined) throw new LETTA_OTEL_INVALID_OPTION('store.url', describeValue(url), 'name a directory with path or a server with url, not both')
}

function milliseconds (option: string, value: number | undefined, otherwise: number): number {
  const number = positive(option, value, otherwise)
  if (number <= MILLISECONDS_MAX) return number
  throw new LETTA_OTEL_INVALID_OPTION(option, describeValue(number), `use a whole number of milliseconds from 1 to ${MILLISECONDS_MAX}`)
}

function positive (option: string, value: number | undefined, otherwise: number): number {
  const number = value ?? otherwise
  if (Number.isInteger(number) && number > 0) return number
  throw new LETTA_OTEL_INVALID_OPTION(option, describeValue(number), 'use a whole number above 0')
}

/**
 * The server that the environment names: `CLICKHOUSE_ENDPOINT`, `CLICKHOUSE_USERNAME`, `CLICKHOUSE_PASSWORD`,
 * `CLICKHOUSE_DATABASE`, and `CLICKHOUSE_CLUSTER`. The first alone decides whether there is one.
 *
 * @throws {LETTA_OTEL_INVALID_ENVIRONMENT} a variable has a value that cannot work
 */
export function storeOptionsFromEnvironment (env: Environment): ServerOptions & CommonStoreOptions | undefined {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined
  const url = text('CLICKHOUSE_ENDPOINT')
  if (url === undefined) return undefined
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol)) {
    throw new LETTA_OTEL_INVALID_ENVIRONMENT('CLICKHOUSE_ENDPOINT', describeValue(url), 'use an http: or https: URL such as http://127.0.0.1:8123')
  }
  const username = text('CLICKHOUSE_USERNAME')
  const database = text('CLICKHOUSE_DATABASE')
  const cluster = text('CLICKHOUSE_CLUSTER')
  if (database !== undefined && !isPlainName(database)) {
    throw new LETTA_OTEL_INVALID_ENVIRONMENT('CLICKHOUSE_DATABASE', describeValue(database), 'use letters, digits and _, as otel')
  }
  return {
    url,
    // A password may begin or end with a blank.
    ...(env['CLICKHOUSE_PASSWORD'] !== undefined && { password: env['CLICKHOUSE_PASSWORD'] }),
    ...(username !== undefined && { username }),
    ...(database !== undefined && { database }),
    ...(cluster !== undefined && { cluster })
  }
}
