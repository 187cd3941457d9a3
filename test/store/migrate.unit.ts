import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readMigrations } from '../../lib/store/migrate.ts'

/**
 * SHA-256 of each migration, by its version. What a release brought into a database is never edited: who has it would keep the old
 * schema for ever, as applied. A change is a migration of its own, with a line of its own here.
 *
 * Nothing is released yet. Until 0.1.0 is tagged a file may change, and its line here with it: `sha256sum lib/store/migrations/*.sql`.
 */
const SHIPPED: Readonly<Record<string, string>> = {
  '001-traces': '1eeece5b56fe28d8746f672179f3d9b678a428c9ea55bbd3604759ff8b2e49bb',
  '002-logs': 'd770d5923dfaf4101fd9790607c78f78d8f1696356f901c74f6d4cc4d471e8de',
  '003-metrics': '06969a6c721fd3e19e77b971970bb9e2aecf809c6e8e90f877d186c3bdf20253',
  '004-agents': '63134cbf66caa4c73ff2757f5bef7472c30666e0104168c72aadec9974b6b7b1',
  '005-jobs': '3c27179477b6991e95282810943bd62194a7f2c0b9861a259453349b63abc1f9',
  '006-rollups': 'fd6e17ec04a19162acd7136511c42fecc5fba93003eb75019c341eb99949950c'
}

t.test('a migration that was released is never edited, renamed or left out', async t => {
  const hashes: Record<string, string> = {}
  for (const { version, name } of await readMigrations()) {
    const file = `${String(version).padStart(3, '0')}-${name}`
    hashes[file] = createHash('sha256').update(await readFile(new URL(`../../lib/store/migrations/${file}.sql`, import.meta.url))).digest('hex')
  }
  t.strictSame(hashes, SHIPPED)
})

t.test('versions follow one another', async t => {
  const versions = (await readMigrations()).map(({ version }) => version)
  t.strictSame(versions, versions.map((_, index) => index + 1))
})
