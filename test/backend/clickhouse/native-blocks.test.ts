import t from 'tap'
import { nativeForRevision } from '../../../lib/backend/clickhouse/native-blocks.ts'
import { parseNativeType } from '../../../lib/backend/clickhouse/native-types.ts'
import { EmbeddedEngine } from '../../../lib/store/embedded-engine.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

const engine = await EmbeddedEngine.open({ path: temporaryDirectory(t), database: 'otel', connectionArguments: [], queryTimeoutMs: 10_000 })
const session = engine.openSession()
t.teardown(async () => {
  session.close()
  await engine.close()
})

const BLOCK_INFO = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0])

/** A column of texts, each shorter than 128 bytes. */
function textColumn (name: string, values: readonly string[], flag: readonly number[]): Buffer {
  const text = (value: string): Buffer => Buffer.from([value.length, ...Buffer.from(value)])
  return Buffer.concat([text(name), text('String'), Buffer.from(flag), ...values.map(text)])
}

const VALUES = [
  '1::UInt8', "'x'", 'true', '-5::Int128', '1.5', "toDate('2026-01-01')", 'now()', 'now64(9)', 'toIntervalDay(3)', 'generateUUIDv4()', "toIPv6('::1')", "toFixedString('ab', 2)",
  "CAST('a', 'Enum8(\\'a\\' = 1, \\'b,(\\' = 2)')", "toDecimal32('1.2', 3)", "CAST('1.2', 'Decimal(30, 2)')", 'NULL', "CAST(NULL, 'Nullable(String)')", "toNullable('y')",
  "toLowCardinality('z')", "CAST(NULL, 'LowCardinality(Nullable(String))')", '[]', "[['a'], []]", "['a', NULL]", "map('k', [1, 2])",
  "CAST(map('k', 'v'), 'Map(LowCardinality(String), LowCardinality(String))')", "(1, 'a', [2.5])", "CAST((1, 'a'), 'Tuple(`n m` UInt8, name LowCardinality(String))')",
  "CAST([(1, 'a')], 'Nested(x UInt8, y String)')", 'toUInt256(7)', "toTypeName(now64(3, 'Europe/Berlin'))", "now64(3, 'Europe/Berlin')"
]

t.test('values of each type are gone over exactly', async t => {
  for (const value of VALUES) {
    const rows = 3
    const native = await session.run(`SELECT materialize(${value}) AS value, toString(number) AS last FROM numbers(${rows})`, 'Native')
    t.equal((await nativeForRevision(native, 0))[0], native, 'without a revision, nothing is changed')
    for (const [revision, flag] of [[54_453, []], [54_460, [0]]] as const) {
      const given = Buffer.concat(await nativeForRevision(native, revision))
      t.ok(given.subarray(0, 8).equals(BLOCK_INFO))
      // Had it gone wrong anywhere in the first column, the second would not be found.
      const last = textColumn('last', ['0', '1', '2'], flag)
      t.ok(given.subarray(-last.length).equals(last), `${value} for revision ${revision}`)
      t.equal(given.length, native.length + 8 + flag.length * 2)
    }
  }
})

t.test('several blocks, and none with rows', async t => {
  const native = await session.run('SELECT number, toString(number) FROM numbers(200000) SETTINGS max_block_size = 50000', 'Native')
  const given = Buffer.concat(await nativeForRevision(native, 54_460))
  const blocks = (given.length - native.length) / 10
  t.ok(Number.isInteger(blocks) && blocks > 1, `${blocks} blocks`)
  const none = await session.run("SELECT 1 AS a, 'x' AS b WHERE 0", 'Native')
  t.equal(Buffer.concat(await nativeForRevision(none, 54_460)).length, none.length === 0 ? 0 : none.length + 10)
})

t.test('types that are not known are said', async t => {
  const native = await session.run('SELECT sumState(1) AS a', 'Native')
  await t.rejects(nativeForRevision(native, 54_460), { code: 48, message: /AggregateFunction/ })
  await t.rejects(nativeForRevision(native.subarray(0, 1), 54_460), { code: 33 })
  t.same(parseNativeType('SimpleAggregateFunction(sum, UInt64)'), { kind: 'fixed', bytes: 8 })
})
