/** What SigNoz is sent: each rule's SQL asked of the real engine, of a table with the columns of SigNoz' spans. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Engine } from '../../lib/store/engine.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { jsonLines } from '../fixtures/sample-telemetry.ts'
import { RECENT_SPANS, troubledTelemetry } from '../fixtures/troubled-telemetry.ts'
import { TROUBLED_END } from '../store/troubled-store.ts'
import { signozFiles } from './definitions/rules.ts'

interface Rule {
  readonly condition: {
    readonly compositeQuery: { readonly queries: ReadonlyArray<{ readonly spec: { readonly name: string, readonly query: string } }> }
    readonly selectedQueryName: string
    readonly requiredNumPoints?: number
    readonly thresholds: { readonly spec: ReadonlyArray<{ readonly target: number, readonly op: 'above' | 'below', readonly matchType: string }> }
  }
  readonly evaluation: { readonly spec: { readonly evalWindow: string } }
}
type Point = Readonly<Record<string, string | number>> & { readonly value: number }

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const rule = (name: string): Rule => JSON.parse(readFileSync(`${docs}signoz/${name}.json`, 'utf8')) as Rule

let engine: Engine
t.before(async () => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  engine = store.engine
  await engine.command('CREATE DATABASE signoz_traces')
  await engine.command(`CREATE TABLE spans (
    ts_bucket_start UInt64, timestamp DateTime64(9), kind_string String, duration_nano UInt64, has_error Bool, response_status_code LowCardinality(String),
    http_method LowCardinality(String), attributes_string Map(LowCardinality(String), String), resources_string Map(LowCardinality(String), String)
  ) ENGINE = MergeTree ORDER BY (ts_bucket_start, timestamp)`)
  const spans = troubledTelemetry(TROUBLED_END).otel_traces.map(signozSpan)
  await engine.insert('spans', jsonLines(spans), spans.length)
  await engine.command(`CREATE VIEW signoz_traces.distributed_signoz_index_v3 AS SELECT * FROM ${engine.database}.spans`)
})

function signozSpan (span: object): object {
  const { Timestamp, SpanKind, ServiceName, SpanAttributes, Duration, StatusCode } = span as {
    Timestamp: string, SpanKind: string, ServiceName: string, SpanAttributes: Record<string, string>, Duration: number, StatusCode: string
  }
  return {
    ts_bucket_start: Math.floor(Number(Timestamp) / 1_800) * 1_800,
    timestamp: Timestamp,
    kind_string: SpanKind,
    duration_nano: Duration,
    has_error: StatusCode === 'Error',
    response_status_code: SpanAttributes['http.response.status_code'],
    http_method: SpanAttributes['http.request.method'],
    attributes_string: SpanAttributes,
    resources_string: { 'service.name': ServiceName }
  }
}

/** What a rule fires for at the end of what went wrong, with the values that did it. */
async function firing ({ condition: { compositeQuery, requiredNumPoints = 1, thresholds }, evaluation }: Rule): Promise<Record<string, number[]>> {
  const start = TROUBLED_END - Number.parseInt(evaluation.spec.evalWindow) * 60
  const values = { start_timestamp: start, end_timestamp: TROUBLED_END, start_datetime: `toDateTime(${start})`, end_datetime: `toDateTime(${TROUBLED_END})` }
  const sql = compositeQuery.queries[0]!.spec.query.replace(/\$(\w+)/g, (_, name: keyof typeof values) => String(values[name]))
  const series = new Map<string, number[]>()
  const settings = { output_format_json_quote_64bit_integers: 0 }
  for (const { ts, value, ...labels } of await engine.query<Point>(sql, {}, { settings })) {
    t.type(ts, 'string')
    const key = Object.values(labels).join(' ')
    series.set(key, [...series.get(key) ?? [], Number(value.toPrecision(6))])
  }
  const [{ target, op, matchType }] = thresholds.spec as [Rule['condition']['thresholds']['spec'][number]]
  const isBad = (value: number): boolean => op === 'above' ? value > target : value < target
  return Object.fromEntries([...series].filter(([, points]) => points.length >= requiredNumPoints && (matchType === 'all_the_times' ? points.every(isBad) : points.some(isBad))))
}

t.test('files are what they are defined as: npm run monitoring', async t => {
  const files = signozFiles()
  for (const [path, text] of Object.entries(files)) t.equal(readFileSync(`${docs}${path}`, 'utf8'), text, path)
  t.strictSame(globSync('signoz/*', { cwd: docs }).sort(), Object.keys(files).sort())
})

t.test('every rule finds who is in trouble', async t => {
  const expected: Record<string, Record<string, number[]>> = {
    'slow-requests': { slow: Array<number>(5).fill(6_000) },
    'server-errors': { failing: [0.02] },
    'endpoint-errors': { 'failing GET /a': [0.1] },
    'budget-burn-1h': { failing: [20] },
    'budget-burn-6h': { failing: [20] },
    'budget-burn-3d': { recovered: [333.333], failing: [20] },
    'no-traces': {}
  }
  t.strictSame(Object.keys(signozFiles()).map(path => path.replace(/^signoz\/|\.json$/g, '')), Object.keys(expected))
  for (const [name, found] of Object.entries(expected)) t.same(await firing(rule(name)), found, name)
  const silent = rule('no-traces')
  const { thresholds: { spec: [threshold] } } = silent.condition
  t.same(await firing({ ...silent, condition: { ...silent.condition, thresholds: { spec: [{ ...threshold!, target: RECENT_SPANS + 1 }] } } }), { '': [RECENT_SPANS] }, 'spans are counted')
  await engine.command('TRUNCATE TABLE spans')
  t.same(await firing(silent), { '': [0] }, 'and that there are none is found')
})

t.test('rules are what SigNoz takes', async t => {
  for (const [path, text] of Object.entries(signozFiles())) {
    const { condition, ...rest } = JSON.parse(text) as Rule
    t.match(rest, { schemaVersion: 'v2alpha1', version: 'v5', notificationSettings: { usePolicy: true } }, path)
    t.ok(condition.compositeQuery.queries.some(({ spec }) => spec.name === condition.selectedQueryName), path)
    for (const [, name] of condition.compositeQuery.queries[0]!.spec.query.matchAll(/\$(\w+)/g)) {
      t.ok(['start_datetime', 'end_datetime', 'start_timestamp', 'end_timestamp'].includes(name!), `${path}: SigNoz knows ${name}`)
    }
  }
})
