import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { dashboardApi } from '../../../lib/dashboard/api.ts'
import { dashboardPage } from '../../../lib/dashboard/page.ts'
import { openStore, type Store } from '../../../lib/store/open-store.ts'

export interface ServedPage {
  readonly url: string
  readonly store: Store
  close (): Promise<void>
}

/** The built page and its API over a store in memory. */
export async function servePage (port = 0): Promise<ServedPage> {
  const store = await openStore({ path: ':memory:' })
  const app = fastify()
  await app.register(dashboardApi, { store })
  await app.register(dashboardPage)
  await app.listen({ host: '127.0.0.1', port })
  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    store,
    close: async () => {
      await app.close()
      await store.close()
    }
  }
}
