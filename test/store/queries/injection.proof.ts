/** Whatever stands in a parameter is looked for, never done. */
import fc from 'fast-check'
import t from 'tap'
import type { Engine } from '../../../lib/store/engine.ts'
import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import { sampleTraceId } from '../../fixtures/sample-telemetry.ts'
import { openSampleStore } from '../sample-store.ts'

const ATTEMPTS = [
  "' OR 1=1 --", "'; DROP TABLE run_metrics; --", "\\' OR 1=1 --", '" OR ""="', "') UNION ALL SELECT 1 --", '{organization:String}', '{limit:UInt32}',
  "x' SETTINGS readonly=0 --", '\u0000', '\\', "'", '`', '1e309', "%' OR '1'='1", "{a:String}'}", '\t\n\\t\\n', '/* */', '😀\u2028', "' FORMAT Null --"
]

async function countRuns (engine: Engine): Promise<string> {
  const [found] = await engine.query<{ runs: string }>('SELECT count() AS runs FROM run_metrics FINAL')
  return found!.runs
}

t.test('attempts through every parameter of every query', async t => {
  const { engine } = await openSampleStore(t, { agents: 1, runs: 2 })
  for (const query of Object.values(NAMED_QUERIES) as NamedQuery[]) {
    const given = {
      ...('from' in query.parameters && { from: '-7d' }),
      ...('trace' in query.parameters && { trace: sampleTraceId('org-1', 0, 0) }),
      ...(query.name === 'slow-runs' && { minimum_ms: 0 })
    }
    /** What came of an attempt: rows it should not find, or an error that is not ours. */
    const outcome = async (parameters: Record<string, unknown>, organizationId = 'org-1'): Promise<unknown> => {
      try {
        const rows = await runQuery(engine, query, { ...given, ...parameters }, { organizationId })
        return rows.filter(row => row['requests'] !== 0).length
      } catch (problem) {
        return (problem as { code: string }).code === 'LETTA_OTEL_STORE_INVALID_PARAMETER' ? 0 : problem
      }
    }
    const expected = ATTEMPTS.map(() => 0)
    t.not(await outcome({}), 0, `${query.name} finds something when asked properly`)
    for (const [name, { kind }] of Object.entries(query.parameters)) {
      const outcomes = await Promise.all(ATTEMPTS.map(async attempt => await outcome({ [name]: kind === 'pairs' ? { [attempt]: attempt } : attempt })))
      t.strictSame(outcomes, expected, `${query.name} through ${name}`)
    }
    t.strictSame(await Promise.all(ATTEMPTS.map(async attempt => await outcome({}, attempt))), expected, `${query.name} through the organization`)
  }
  t.equal(await countRuns(engine), '4', 'and everything is still there')
})

t.test('what is bound arrives as it was given', async t => {
  const { engine } = await openSampleStore(t, { agents: 1, runs: 1 })
  await fc.assert(fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.string()).map(text => text.toWellFormed()), async text => {
    const [row] = await engine.query<{ text: string, list: string[] }>('SELECT {text:String} AS text, {list:Array(String)} AS list', { text, list: [text, text] })
    return row!.text === text && row!.list.every(item => item === text)
  }), { numRuns: 100 })
  t.pass()
})
