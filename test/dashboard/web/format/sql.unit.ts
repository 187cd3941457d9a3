import fc from 'fast-check'
import t from 'tap'
import { literalSql } from '../../../../lib/dashboard/web/format/sql.ts'
import { openStore } from '../../../../lib/store/open-store.ts'

t.test('a statement with its values in place means the same to the engine', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  const sql = 'SELECT {text:String} AS text, {list:Array(String)} AS list, {from:Int64} AS whole, {part:Float64} AS part, toTypeName({limit:UInt32}) AS type'
  const same = async (parameters: Record<string, unknown>): Promise<boolean> => {
    const [bound] = await store.engine.query(sql, parameters)
    const [literal] = await store.engine.query(literalSql(sql, parameters))
    return JSON.stringify(bound) === JSON.stringify(literal)
  }
  t.ok(await same({ text: "it's \\ {from:Int64} \n", list: [], from: '1795285584110000000', part: 0.999, limit: 5 }))
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }).map(text => text.toWellFormed()), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), async (text, whole) =>
    await same({ text, list: [text, ''], from: whole.toString(), part: 1e12, limit: 1 })), { numRuns: 50 })
})
