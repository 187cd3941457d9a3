import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { openStore, type Store } from '../../../lib/store/open-store.ts'
import type { CommonStoreOptions, EmbeddedOptions, ServerOptions } from '../../../lib/store/store-options.ts'
import { isolation } from './isolation.ts'
import { rows } from './rows.ts'
import { schema } from './schema.ts'
import { telemetry } from './telemetry.ts'
import { writing } from './writing.ts'

/** What a part of the contract works with. */
export interface Kit {
  /** A store in a database of its own, closed when the test ends. */
  open (t: Test, options?: CommonStoreOptions): Promise<Store>
}

/** What every engine has to do, on one engine. */
export async function contract (t: Test, engine: EmbeddedOptions | ServerOptions): Promise<void> {
  const keeper = await openStore({ ...engine, database: 'keeper', migrate: false })
  t.teardown(async () => { await keeper.close() })
  const kit: Kit = {
    open: async (t, options = {}) => {
      const database = `test_${randomBytes(4).toString('hex')}`
      const store = await openStore({ ...engine, database, ...options })
      t.teardown(async () => {
        await store.close()
        // The more tables there are, the longer everything takes. Stores that share a database are closed before the one that made it.
        await keeper.engine.command(`DROP DATABASE IF EXISTS ${database} SYNC`)
      })
      return store
    }
  }
  for (const [name, part] of Object.entries({ schema, rows, isolation, telemetry, writing })) await t.test(name, async t => { await part(t, kit) })
}
