import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { dashboardApi } from '../dashboard/api.ts'
import { dashboardPage } from '../dashboard/page.ts'
import { LETTA_OTEL_PORT_IN_USE } from '../errors.ts'
import { resolveBackendOptions, type BackendOptions, type ResolvedBackendOptions } from './backend-options.ts'
import { ClickhouseServer } from './clickhouse/clickhouse-server.ts'
import { exportFiles, type ExportedFile } from './files/export-files.ts'
import { importFile, type ImportedFile } from './files/import-file.ts'
import { closeInTime } from './close-in-time.ts'
import { Guard } from './guard/guard.ts'
import { guardRequests } from './guard/guard-requests.ts'
import type { IngestFigures } from './ingest/ingest-stats.ts'
import { Ingest } from './ingest/ingest.ts'
import { OwnMetrics } from './ingest/own-metrics.ts'
import { openBackendStore, type BackendStore } from './open-backend-store.ts'
import { otlpRoutes } from './otlp/otlp-routes.ts'
import { Pruning } from './prune.ts'
import { sizeLimit } from './size-limit.ts'

/** A local backend that runs. */
export interface Backend {
  /** Of OTLP/HTTP and the page: `http://127.0.0.1:4318`. */
  readonly url: string
  /** Of ClickHouse's HTTP interface: `http://127.0.0.1:8123`; undefined where it was left out. */
  readonly clickhouseUrl: string | undefined
  readonly store: BackendStore
  /** What became of the telemetry that was sent here. */
  readonly figures: IngestFigures
  /** Resolves when what was taken so far can be found. */
  flush (): Promise<void>
  /**
   * Takes what a file holds, one request of OTLP JSON a line; resolves when it can be found.
   *
   * @throws {LETTA_OTEL_FILE_UNREADABLE} it cannot be read, or a line is no such request; lines before it were taken
   */
  importFile (path: string): Promise<ImportedFile>
  /** Writes all telemetry to files in a directory that has none of them yet, for {@link importFile}. */
  exportFiles (directory: string): Promise<ExportedFile[]>
  /** Takes no more requests, stores what was taken, and frees the directory. Never rejects; twice does nothing. */
  close (): Promise<void>
}

/**
 * Starts the local backend: takes OTLP/HTTP, keeps it in an embedded ClickHouse, shows it.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} an option has a value that cannot work
 * @throws {LETTA_OTEL_PORT_IN_USE} another process listens on a port
 * @throws {LETTA_OTEL_STORE_ENGINE_MISSING} chDB is not installed, or does not exist for this platform
 * @throws {LETTA_OTEL_STORE_UNAVAILABLE} another process has the directory
 * @throws {LETTA_OTEL_STORE_TOO_NEW} a newer version of letta-otel made the tables
 */
export async function startBackend (given: BackendOptions): Promise<Backend> {
  const options = resolveBackendOptions(given)
  const closing: Array<() => Promise<void>> = []
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close().catch(problem => { options.onProblem((problem as Error).message) })
  }
  try {
    const store = await openBackendStore(options)
    closing.push(async () => { await store.close() })
    const maxBytes = await sizeLimit(store.engine, options)
    const pruning = maxBytes === undefined ? undefined : new Pruning(store.engine, maxBytes, options.onProblem)
    closing.push(async () => { await pruning?.close() })
    const directory = join(options.path, 'incoming')
    const ingest = await Ingest.open(store.engine.openSession(), { directory, database: store.engine.database, onProblem: options.onProblem })
    closing.push(async () => { await ingest.close() })
    const ownMetrics = await OwnMetrics.start(ingest, { intervalMs: options.ownMetricsIntervalMs, onProblem: options.onProblem })
    closing.push(async () => { ownMetrics.close() })
    const guard = new Guard(options.token)
    // Together: what one of them still takes would come after the other's last.
    const doors: Array<() => Promise<void>> = []
    closing.push(async () => { await Promise.all(doors.map(async close => { await close() })) })
    const app = await openDoor(options, guard, ingest, store)
    doors.push(async () => { await closeInTime(app.server, async () => { await app.close() }) })
    const clickhouse = options.clickhousePort === false ? undefined : new ClickhouseServer({ guard, directory, openSession: () => store.engine.openSession() })
    if (clickhouse !== undefined) {
      doors.push(async () => { await closeInTime(clickhouse.http, async () => { await clickhouse.close() }) })
      clickhouse.http.listen(options.clickhousePort as number, options.host)
      await listening(once(clickhouse.http, 'listening'), options.host, options.clickhousePort as number, '--clickhouse-port')
    }
    for (const server of [app.server, clickhouse?.http]) server?.on('error', ({ message }) => { options.onProblem(`a connection could not be taken: ${message}`) })
    const undeleted = async <T>(work: () => Promise<T>): Promise<T> => pruning === undefined ? await work() : await pruning.during(work)
    let closed: Promise<void> | undefined
    return {
      url: urlOf(options.host, app.server),
      clickhouseUrl: clickhouse && urlOf(options.host, clickhouse.http),
      store,
      get figures () { return ingest.figures },
      flush: async () => { await ingest.flush() },
      importFile: async path => await undeleted(async () => await importFile(path, ingest)),
      exportFiles: async directory => await undeleted(async () => await exportFiles(store.engine, directory)),
      close: async () => { await (closed ??= closeAll()) }
    }
  } catch (problem) {
    await closeAll()
    throw problem
  }
}

async function openDoor (options: ResolvedBackendOptions, guard: Guard, ingest: Ingest, store: BackendStore): Promise<FastifyInstance> {
  const { host, port, limits } = options
  const app = fastify({ forceCloseConnections: 'idle', requestTimeout: 30_000, routerOptions: { ignoreTrailingSlash: true } })
  guardRequests(app, guard)
  await app.register(otlpRoutes, { ingest, limits })
  await app.register(dashboardApi, { store })
  await app.register(dashboardPage)
  await listening(app.listen({ host, port }), host, port, '--port')
  return app
}

/** @param option that chooses another port */
async function listening (listen: Promise<unknown>, host: string, port: number, option: string): Promise<void> {
  try {
    await listen
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw problem
    throw new LETTA_OTEL_PORT_IN_USE(`${host}:${port}`, option)
  }
}

function urlOf (host: string, server: Server): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
