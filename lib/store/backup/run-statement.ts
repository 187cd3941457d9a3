import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { LETTA_OTEL_STORE_BACKUP_FAILED } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import { everyReplica } from './cluster-text.ts'

/** How far a backup or a restore is. */
export interface BackupProgress {
  readonly files: number
  readonly bytes: number
}

export type OnProgress = (what: string, progress?: BackupProgress) => void

interface State {
  status: string
  error: string
  num_files: string
  total_size: string
  uncompressed_size: string
}

const POLL_MS = 100

/**
 * Runs BACKUP or RESTORE behind the scenes of the engine and waits for its end: it may take longer than any request may.
 *
 * @param statement without settings
 * @returns bytes that were written
 * @throws LETTA_OTEL_STORE_BACKUP_FAILED in the engine's words
 */
export async function runBackupStatement (
  engine: Engine, name: string, statement: string, settings: Readonly<Record<string, string>>, what: string, onProgress: OnProgress
): Promise<number> {
  const id = randomUUID()
  const all = Object.entries({ ...settings, id: `'${id}'` }).map(([setting, value]) => `${setting} = ${value}`)
  try {
    await engine.command(`${statement} SETTINGS ${all.join(', ')} ASYNC`)
  } catch (problem) {
    throw failure(name, (problem as Error).message)
  }
  for (;;) {
    const [state] = await engine.query<State>(
      // Only the server that was asked to knows of it, and of a cluster another one may be asked next.
      `SELECT status, error, num_files, total_size, uncompressed_size FROM ${everyReplica(engine, 'system', 'backups')} WHERE id = {id:String}`, { id })
    if (state === undefined) throw failure(name, 'the engine no longer knows of it')
    if (state.error !== '' || /FAILED|CANCELLED/.test(state.status)) throw failure(name, state.error.split('\n')[0]!)
    onProgress(what, { files: Number(state.num_files), bytes: Number(state.total_size) })
    if (/^(?:BACKUP_CREATED|RESTORED)$/.test(state.status)) return Number(state.uncompressed_size)
    await delay(POLL_MS)
  }
}

/** Reasons that people meet, with what helps. */
const FIXES: ReadonlyArray<readonly [pattern: RegExp, fix: string]> = [
  [/of the local backend/, 'end letta-otel dev, unset CLICKHOUSE_ENDPOINT, and back its directory up'],
  [/allowed_path|allowed_disk/, 'allow it in the server\'s configuration, section <backups>, or name a disk that is allowed with --disk'],
  [/ALREADY_EXISTS|already exists/, 'choose another name'],
  [/BACKUP_NOT_FOUND|not found/i, 'put its files back to where the engine keeps backups'],
  [/BACKUP_DAMAGED|CHECKSUM|CANNOT_READ|CORRUPTED|size mismatch/i, 'its files are damaged: use another backup'],
  [/ACCESS_DENIED|Not enough privileges/, 'grant BACKUP on the database to this user']
]

function failure (name: string, reason: string): Error {
  const fix = FIXES.find(([pattern]) => pattern.test(reason))?.[1] ?? 'see the reason'
  const words = reason.replace(/^.*?DB::Exception: /, '').replace(/,? Stack trace .*$/, '').replace(/[.:]? *\([A-Z_]+\)\.?$/, '').trimEnd()
  return new LETTA_OTEL_STORE_BACKUP_FAILED(name, words.slice(0, 300), fix)
}
