import t from 'tap'
import type { Engine } from '../../lib/store/engine.ts'
import { addMissingColumns } from '../../lib/store/missing-columns.ts'

const MIGRATION = `
CREATE TABLE IF NOT EXISTS {{table spans}} (
  Time DateTime CODEC(Delta(8), ZSTD(1)),
  Kind LowCardinality(String),
  IsEntry Bool MATERIALIZED Kind IN ('a', 'b'),
  INDEX idx_kind Kind TYPE set(0)
)
ENGINE = {{engine MergeTree()}}
ORDER BY Time;
`

async function statements (columns: Readonly<Record<string, string[]>>, cluster?: string): Promise<string[]> {
  const query = async (): Promise<unknown> => Object.entries(columns).map(([name, columns]) => ({ name, columns }))
  return await addMissingColumns({ database: 'otel', cluster, query } as unknown as Engine, MIGRATION)
}

const COLUMN = "ADD COLUMN IF NOT EXISTS `IsEntry` Bool MATERIALIZED Kind IN ('a', 'b')"
const INDEX = 'ADD INDEX IF NOT EXISTS `idx_kind` Kind TYPE set(0)'

t.test('a table gets the columns that it lacks, and all indices', async t => {
  t.same(await statements({ spans: ['Time', 'Kind'] }), [`ALTER TABLE \`otel\`.\`spans\`\n${COLUMN},\n${INDEX}`])
  t.same(await statements({ spans: ['Time', 'Kind', 'IsEntry'] }), [])
  t.same(await statements({ others: ['Time'] }), [])
})

t.test('on a cluster, so does the table that reads them all, which has no indices', async t => {
  const ofLocal = `ALTER TABLE \`otel\`.\`spans_local\` ON CLUSTER \`main\`\n${COLUMN},\n${INDEX}`
  const ofWhole = `ALTER TABLE \`otel\`.\`spans\` ON CLUSTER \`main\`\n${COLUMN}`
  t.same(await statements({ spans_local: ['Time', 'Kind'], spans: ['Time', 'Kind'] }, 'main'), [ofLocal, ofWhole])
  t.same(await statements({ spans_local: ['Time', 'Kind', 'IsEntry'], spans: ['Time', 'Kind'] }, 'main'), [ofWhole], 'where it was made before')
  t.same(await statements({ spans_local: ['Time', 'Kind', 'IsEntry'], spans: ['Time', 'Kind', 'IsEntry'] }, 'main'), [])
})
