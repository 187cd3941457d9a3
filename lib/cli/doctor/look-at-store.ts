import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withoutCredentials } from '../../errors.ts'
import { basic, secretsOf } from '../../export/credentials.ts'
import type { Environment } from '../../options/environment.ts'
import type { StatementFailure } from '../../store/engine-error.ts'
import { schemaStatus, type SchemaStatus } from '../../store/migrate.ts'
import { ServerEngine, type ServerAddress } from '../../store/server-engine.ts'
import { engineLocation, storeOptionsFromEnvironment } from '../../store/store-options.ts'
import { askEmbeddedStore } from './ask-embedded-store.ts'

/** A clock that was read, beside this machine's: milliseconds since the epoch. */
export interface ClockReading {
  readonly theirs: number
  readonly askedAt: number
  readonly answeredAt: number
}

/** A store that can be asked. */
export interface OpenStore {
  readonly state: 'open'
  readonly where: string
  readonly kind: 'embedded' | 'server' | 'cluster'
  readonly database: string
  /** Nothing where there is no such database. */
  readonly schema: SchemaStatus | undefined
  /** Of a server: an embedded store has this machine's clock. */
  readonly clock?: ClockReading
  /** Of a server: ClickHouse's. */
  readonly version?: string
}

/** What can be said of the store that the environment names. */
export type StoreView =
  | OpenStore
  /** There is none. */
  | { readonly state: 'none', readonly where: string }
  /** Another process has it, as it should while a server runs. */
  | { readonly state: 'busy', readonly where: string }
  | { readonly state: 'unavailable', readonly where: string, readonly reason: string, readonly advice: string }

/** Looks at the server, else at the directory. Nothing is made where nothing is. Never rejects. */
export async function lookAtStore (env: Environment, lettaDirectory: string, timeoutMs: number): Promise<StoreView> {
  let address: ServerAddress
  try {
    const options = storeOptionsFromEnvironment(env)
    if (options === undefined) {
      const path = join(lettaDirectory, 'data')
      return existsSync(path) ? await askEmbeddedStore(path, env, timeoutMs) : { state: 'none', where: path }
    }
    address = (engineLocation(options) as { server: ServerAddress }).server
  } catch (problem) {
    return { state: 'unavailable', where: 'CLICKHOUSE_ENDPOINT', reason: (problem as Error).message, advice: 'correct the variable' }
  }
  return await lookAtServer({ ...address, queryTimeoutMs: timeoutMs }, timeoutMs)
}

async function lookAtServer (address: ServerAddress, timeoutMs: number): Promise<StoreView> {
  const where = withoutCredentials(address.url)
  const signal = AbortSignal.timeout(timeoutMs)
  // No connection can name a database that is not there.
  const engines = [new ServerEngine({ ...address, database: 'default' }), new ServerEngine(address)] as const
  try {
    const askedAt = Date.now()
    const [answer] = await engines[0].query<ServerAnswer>(ABOUT_THE_SERVER, { database: address.database }, { signal })
    const answeredAt = Date.now()
    const { now, version, databases } = answer as ServerAnswer
    return {
      state: 'open',
      where,
      kind: engines[1].kind,
      database: address.database,
      version,
      clock: { theirs: Number(now), askedAt, answeredAt },
      schema: Number(databases) === 0 ? undefined : await within(signal, schemaStatus(engines[1]))
    }
  } catch (problem) {
    if (signal.aborted) {
      return { state: 'unavailable', where, reason: `it did not answer within ${timeoutMs} ms`, advice: 'check whether ClickHouse is overloaded, and what is in between' }
    }
    const { message, clickhouseCode } = problem as StatementFailure
    return { state: 'unavailable', where, reason: withoutSecrets(message, address), advice: adviceFor(clickhouseCode) }
  } finally {
    // What was not answered is not waited for.
    for (const engine of engines) void engine.close().catch(() => {})
  }
}

const ABOUT_THE_SERVER = `
SELECT toUnixTimestamp64Milli(now64(3)) AS now, version() AS version,
       (SELECT count() FROM system.databases WHERE name = {database:String}) AS databases`

interface ServerAnswer {
  readonly now: string
  readonly version: string
  readonly databases: string
}

const WRONG_PASSWORD = 516
const NOT_ALLOWED = 497

function adviceFor (clickhouseCode: number | undefined): string {
  switch (clickhouseCode) {
    case WRONG_PASSWORD: return 'set CLICKHOUSE_USERNAME and CLICKHOUSE_PASSWORD to what the server knows'
    case NOT_ALLOWED: return 'grant the user what docs/store.md names'
    case undefined: return 'start ClickHouse, or correct CLICKHOUSE_ENDPOINT: its HTTP port is 8123, or 8443 with TLS'
    default: return 'look at the log of the server'
  }
}

/** What answers in a server's place may repeat what it was sent. */
function withoutSecrets (text: string, { url, username, password }: ServerAddress): string {
  const inUrl = new URL(url)
  const sent = [basic(username, password), basic(inUrl.username || username, inUrl.password || password), password]
  return secretsOf(url, sent.filter(secret => secret !== '')).reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
}

/** @throws when it takes longer */
async function within<T> (signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const give = (): void => { reject(signal.reason as Error) }
  signal.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
