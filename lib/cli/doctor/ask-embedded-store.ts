import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../../options/environment.ts'
import { HELD_ELSEWHERE } from '../../store/embedded-engine.ts'
import type { SchemaStatus } from '../../store/migrate.ts'
import type { StoreView } from './look-at-store.ts'

/** The part of `store status --json` that is used here. */
interface StoreStatus {
  readonly database: string
  readonly schema_version: number
  readonly known_schema_version: number
  readonly pending: SchemaStatus['pending']
}

const OUTPUT_BYTES_MAX = 1024 * 1024

/**
 * Asks in a process of its own: the engine holds the event loop while it is loaded, which would make every other check late,
 * and a process that hangs can be ended. Never rejects.
 */
export async function askEmbeddedStore (path: string, env: Environment, timeoutMs: number): Promise<StoreView> {
  const { promise, resolve } = Promise.withResolvers<StoreView>()
  const words = [programPath(), 'store', 'status', '--json']
  execFile(process.execPath, words, { env: { ...env }, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX }, (problem, stdout, stderr) => {
    resolve(problem === null ? opened(path, stdout) : refused(path, stderr, problem.killed === true ? timeoutMs : undefined))
  })
  return await promise
}

/** The command line's entry point, in the sources as in what is built of them. */
function programPath (): string {
  const self = fileURLToPath(import.meta.url)
  return fileURLToPath(new URL(`../bin${self.slice(self.lastIndexOf('.'))}`, import.meta.url))
}

function opened (path: string, stdout: string): StoreView {
  const status = JSON.parse(stdout) as StoreStatus
  const schema = { present: status.schema_version, known: status.known_schema_version, pending: status.pending }
  return { state: 'open', where: path, kind: 'embedded', database: status.database, schema }
}

function refused (path: string, stderr: string, waitedMs: number | undefined): StoreView {
  if (stderr.includes(HELD_ELSEWHERE)) return { state: 'busy', where: path }
  const [line = ''] = stderr.trim().split('\n').slice(-1)
  return {
    state: 'unavailable',
    where: path,
    reason: waitedMs === undefined ? line.replace(/^letta-otel: \w+: /, '') : `it was not open within ${waitedMs} ms`,
    advice: 'check that this user may write the directory, and that chdb is installed: npm install chdb'
  }
}
