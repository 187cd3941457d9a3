import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { Engine, QueryOptions } from './engine.ts'
import { statementFailure } from './engine-error.ts'
import { NATIVE_SETTINGS } from './engine-settings.ts'
import { MILLISECONDS_MAX } from './milliseconds.ts'
import { quoteName } from './sql-names.ts'

/** Where a server is, and who asks. */
export interface ServerAddress {
  url: string
  username: string
  password: string
  database: string
  cluster: string | undefined
  queryTimeoutMs: number
}

/** Statements that give no rows may change a table on every server of a cluster, or back it up. */
const COMMAND_MS = 60 * 60_000
/** Beyond the time that a query may take, what the answer may need on its way. */
const TRANSPORT_MS = 5_000
/** Inserts of every table and a few readers; more would only wait in ClickHouse. */
const CONNECTIONS_MAX = 16
/** Large inserts leave in pieces, so that compressing them never holds the event loop. */
const CHUNK_BYTES = 256 * 1024

const CLUSTER_SETTINGS = Object.freeze({
  // Written means written on the shards, not queued for them.
  distributed_foreground_insert: 1,
  // What is joined lies on other shards too: it is fetched once and sent to all, where ClickHouse would refuse.
  distributed_product_mode: 'global'
} as const)

type Client = ReturnType<typeof createClient>

/** ClickHouse behind HTTP, one server or a cluster. */
export class ServerEngine implements Engine {
  readonly kind: 'server' | 'cluster'
  readonly database: string
  readonly cluster: string | undefined
  readonly url: string
  readonly #address: ServerAddress
  readonly #client: Client
  readonly #commands: Client

  /** Connects when it is first asked something. */
  constructor (address: ServerAddress) {
    this.kind = address.cluster === undefined ? 'server' : 'cluster'
    this.database = address.database
    this.cluster = address.cluster
    this.url = address.url
    this.#address = address
    this.#client = connect(address, address.database)
    this.#commands = connect({ ...address, queryTimeoutMs: COMMAND_MS }, address.database)
  }

  /**
   * Makes the database where it is missing, by a connection of its own: none can name a database that does not exist.
   *
   * @throws {LETTA_OTEL_STORE_STATEMENT_FAILED} the server cannot be reached or refuses
   */
  async makeDatabase (): Promise<void> {
    const { database, cluster } = this
    const client = connect(this.#address, 'default')
    try {
      const found = await client.query({
        query: 'SELECT name FROM system.databases WHERE name = {name:String}', query_params: { name: database }, format: 'JSONEachRow'
      })
      if ((await found.json()).length > 0) return
      const onCluster = cluster === undefined ? '' : ` ON CLUSTER ${quoteName(cluster)}`
      await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${quoteName(database)}${onCluster}` })
    } catch (problem) {
      throw statementFailure('making the database', problem, true)
    } finally {
      await client.close()
    }
  }

  async query<Row> (sql: string, params: Readonly<Record<string, unknown>> = {}, { signal, settings = {} }: QueryOptions = {}): Promise<Row[]> {
    try {
      // The client does not look at a signal that was given before.
      signal?.throwIfAborted()
      const answer = await this.#client.query({
        query: sql, query_params: params, format: 'JSONEachRow', clickhouse_settings: settings, ...(signal !== undefined && { abort_signal: signal })
      })
      return await answer.json<Row>()
    } catch (problem) {
      throw statementFailure('a query', problem, true)
    }
  }

  async command (sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<void> {
    try {
      await this.#commands.command({ query: sql, query_params: params })
    } catch (problem) {
      throw statementFailure('a statement', problem, true)
    }
  }

  async insert (table: string, rows: string | Buffer, _rowCount: number, { token }: { token?: string } = {}): Promise<void> {
    try {
      // The client's own insert() wants objects; these rows are JSON already.
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${quoteName(this.database)}.${quoteName(table)} FORMAT JSONEachRow`,
        values: Readable.from(chunksOf(typeof rows === 'string' ? Buffer.from(rows) : rows), { objectMode: false }),
        ...(token !== undefined && { clickhouse_settings: { insert_deduplication_token: token } })
      })
      // A connection goes back to its pool when the answer, which is empty, was read.
      await finished(stream.resume())
    } catch (problem) {
      throw statementFailure(`an insert into ${table}`, problem, false)
    }
  }

  async close (): Promise<void> {
    await Promise.all([this.#client.close(), this.#commands.close()])
  }
}

function connect ({ url, username, password, cluster, queryTimeoutMs }: ServerAddress, database: string): Client {
  const inUrl = new URL(url)
  return createClient({
    url,
    // Of what a URL says as well, the client writes warnings to the console.
    ...(inUrl.username === '' && { username }),
    ...(inUrl.password === '' && { password }),
    database,
    application: 'letta-otel',
    request_timeout: Math.min(queryTimeoutMs + TRANSPORT_MS, MILLISECONDS_MAX),
    max_open_connections: CONNECTIONS_MAX,
    compression: { request: true },
    // Long lists of ids do not fit into a URL.
    use_multipart_params_auto: true,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      ...NATIVE_SETTINGS,
      max_execution_time: Math.ceil(queryTimeoutMs / 1_000),
      ...(cluster !== undefined && CLUSTER_SETTINGS)
    }
  })
}

function * chunksOf (bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}
