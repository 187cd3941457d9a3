import type { Test } from 'tap'
import type { BackendOptions } from '../../lib/backend/backend-options.ts'
import { startBackend, type Backend } from '../../lib/backend/start-backend.ts'
import type { Signal } from '../../lib/export/parcel.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

export interface RunningBackend extends Backend {
  readonly clickhouseUrl: string
  /** What went wrong, in its words. */
  readonly problems: string[]
  /** Sends a body to a signal's path. */
  send (signal: Signal, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Response>
  rows<Row = Record<string, unknown>> (sql: string): Promise<Row[]>
}

/** A backend of this process on free ports, closed with the test. */
export async function runningBackend (t: Test, options: Partial<BackendOptions> = {}): Promise<RunningBackend> {
  const problems: string[] = []
  const backend = await startBackend({
    path: options.path ?? temporaryDirectory(t), port: 0, clickhousePort: 0, memoryBytes: 1024 ** 3, ownMetricsIntervalMs: 0, onProblem: problem => { problems.push(problem) }, ...options
  })
  t.teardown(async () => { await backend.close() })
  const { url, clickhouseUrl, store, flush, close, importFile, exportFiles } = backend
  return {
    url,
    store,
    flush,
    close,
    importFile,
    exportFiles,
    problems,
    clickhouseUrl: clickhouseUrl!,
    get figures () { return backend.figures },
    send: async (signal, body, headers = {}) => await fetch(`${url}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': typeof body === 'string' ? 'application/json' : 'application/x-protobuf', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body)
    }),
    rows: async sql => await store.engine.query(sql)
  }
}
