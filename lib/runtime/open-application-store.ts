import type { Meter } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { LETTA_OTEL_INVALID_OPTION, withoutCredentials } from '../errors.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Store } from '../store/open-store.ts'
import type { CommonStoreOptions, ServerOptions, StoreOptions } from '../store/store-options.ts'
import { spoolDirectory } from './open-carrier.ts'
import type { Report } from './reporter.ts'
import { observeRows } from './row-metrics.ts'

/**
 * Opens the store that an application asks for; its code is loaded only then. A server that is away is no reason not to start:
 * rows wait for it. What becomes of them is told as metrics.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} an option of the store cannot work, or `true` was given and `CLICKHOUSE_ENDPOINT` is not set
 * @throws {LETTA_OTEL_STORE_ENGINE_MISSING} `{ path }`, and chDB is not installed or does not exist for this platform
 * @throws {LETTA_OTEL_STORE_UNAVAILABLE} `{ path }`, and somebody else has the directory
 */
export async function openApplicationStore (options: ResolvedOptions, resource: Resource, meter: Meter, report: Report): Promise<Store | undefined> {
  if (options.store === false) return undefined
  const { openStore, storeOptionsFromEnvironment } = await import('../store.ts')
  const wanted: StoreOptions | undefined = options.store === true ? storeOptionsFromEnvironment(process.env) : options.store
  if (wanted === undefined) throw new LETTA_OTEL_INVALID_OPTION('store', 'true', 'set CLICKHOUSE_ENDPOINT, or name the store: { url } or { path }')
  const isEmbedded = 'path' in wanted && (wanted.path as string | undefined) !== undefined
  const store = await openStore({
    waitForEngine: isEmbedded,
    ...!isEmbedded && { spool: { directory: join(spoolDirectory(options.runtime, resource), 'rows', storeKey(wanted as ServerOptions)) } },
    shutdownTimeoutMs: Math.max(options.shutdownTimeoutMs, 1),
    onProblem: report,
    ...wanted
  })
  const tellNoMore = observeRows(meter, store)
  return {
    ...store,
    async close () {
      await store.close()
      tellNoMore()
    }
  }
}

/** The same for the same store: rows that wait for one must never get into another. Who asks does not matter. What cannot be a URL is refused later. */
function storeKey ({ url, database = 'otel', cluster = '' }: ServerOptions & CommonStoreOptions): string {
  return createHash('sha256').update(JSON.stringify([withoutCredentials(String(url)), database, cluster])).digest('hex').slice(0, 12)
}
