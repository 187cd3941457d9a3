import t from 'tap'
import { fingerprint } from '../../../lib/store/backup/fingerprint.ts'
import { openEngine } from '../../../lib/store/open-store.ts'

t.test('whatever differs in what is stored, also of columns that are worked out, the fingerprint differs', async t => {
  const engine = await openEngine({ path: ':memory:' })
  t.teardown(async () => { await engine.close() })
  const checksumOf = async (table: string, worked: string, rows: string): Promise<string> => {
    await engine.command(`CREATE TABLE ${table} (n UInt64, text Nullable(String), worked UInt64 MATERIALIZED ${worked}) ENGINE = MergeTree ORDER BY n`)
    await engine.command(`INSERT INTO ${table} VALUES ${rows}`)
    const found = await fingerprint(engine, engine.database, table)
    t.match(found, { table, rows: 2 })
    return found.checksum
  }
  const first = await checksumOf('first', 'n + 1', "(1, 'a'), (2, NULL)")
  t.equal(await checksumOf('same', 'n + 1', "(2, NULL), (1, 'a')"), first)
  t.not(await checksumOf('other_text', 'n + 1', "(1, 'b'), (2, NULL)"), first)
  t.not(await checksumOf('other_worked', 'n + 2', "(1, 'a'), (2, NULL)"), first)
})
