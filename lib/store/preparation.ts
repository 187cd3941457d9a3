import { setTimeout as delay } from 'node:timers/promises'
import { LETTA_OTEL_STORE_RETENTION_SHORTER, LETTA_OTEL_STORE_TOO_NEW, LETTA_OTEL_STORE_UNAVAILABLE, withoutCredentials } from '../errors.ts'
import { backoffMs } from '../export/retry-policy.ts'
import type { Engine } from './engine.ts'
import { migrate } from './migrate.ts'
import type { Problems } from './problems.ts'
import { setRetention } from './retention.ts'
import { ServerEngine } from './server-engine.ts'
import type { CommonStoreOptions } from './store-options.ts'

/** Makes an engine ready once. */
export interface Preparation {
  /** Where it failed, or a table has gone since, the next who asks tries again. */
  (): Promise<void>
  again (): void
}

type PreparationOptions = Pick<CommonStoreOptions, 'migrate' | 'storagePolicy' | 'retention'>

export function preparation (engine: Engine, options: PreparationOptions): Preparation {
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

/** How long to wait before an engine that is away is tried again, at first and at most. */
const RETRY = { firstMs: 250, maxMs: 5_000 }

/**
 * Prepares an engine that may be away, however long that takes: what is wrong with its tables is told when it is there, not
 * when the first row is written.
 *
 * @throws what waiting does not mend: the schema is too new, or the retention too short; and the last problem, when `stopped`
 */
export async function untilReady (prepare: () => Promise<void>, problems: Problems, stopped: AbortSignal): Promise<void> {
  for (let failures = 1; ; failures++) {
    try {
      await prepare()
      return
    } catch (problem) {
      if (stopped.aborted) throw problem
      problems.tell((problem as Error).message)
      if (problem instanceof LETTA_OTEL_STORE_TOO_NEW || problem instanceof LETTA_OTEL_STORE_RETENTION_SHORTER) throw problem
      // Waiting keeps no process alive.
      await delay(backoffMs(failures, RETRY), undefined, { ref: false, signal: stopped }).catch(() => { throw problem })
    }
  }
}

async function prepareTables (engine: Engine, { migrate: wanted, storagePolicy, retention }: PreparationOptions, again: boolean): Promise<void> {
  await reach(engine)
  if (wanted !== false) await migrate(engine, { storagePolicy, retention, again })
  if (retention !== undefined) await setRetention(engine, retention, { storagePolicy })
}

/**
 * An embedded engine is there when it is open.
 *
 * @throws {LETTA_OTEL_STORE_UNAVAILABLE} a server cannot be reached or refuses
 */
export async function reach (engine: Engine): Promise<void> {
  if (!(engine instanceof ServerEngine)) return
  try {
    await engine.makeDatabase()
  } catch (problem) {
    throw new LETTA_OTEL_STORE_UNAVAILABLE(
      withoutCredentials(engine.url), (problem as Error).message, 'Check the URL, the user and the password, and that ClickHouse runs')
  }
}
