import { openStore, type Store } from '../../../../lib/store/open-store.ts'
import { clickhouseServer, PASSWORD } from '../../../fixtures/clickhouse-http.ts'
import type { Proof } from './proof.ts'

export interface Clickhouse {
  /** A database with the tables of the migrations. */
  open (database: string): Promise<Store>
  /** What the collector's configuration reads. */
  env (database: string): Record<string, string>
}

/** The engine of ClickHouse behind HTTP, as the local backend has it. */
export async function clickhouse (p: Proof): Promise<Clickhouse> {
  const server = await clickhouseServer(`${p.directory}/clickhouse`)
  p.teardown(async () => { await server.close() })
  return {
    open: async database => {
      const store = await openStore({ url: server.url, password: PASSWORD, database })
      p.teardown(async () => { await store.close() })
      return store
    },
    env: database => ({
      CLICKHOUSE_ENDPOINT: `${server.url}?compress=gzip`, CLICKHOUSE_PASSWORD: PASSWORD, CLICKHOUSE_DATABASE: database, LETTA_OTELCOL_FLUSH: '200ms'
    })
  }
}

/** Rows of a table. */
export async function countOf ({ engine }: Store, table: string, where = '1'): Promise<number> {
  const [row] = await engine.query<{ rows: string }>(`SELECT count() AS rows FROM ${table} WHERE ${where}`)
  return Number(row?.rows)
}
