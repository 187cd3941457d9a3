import t from 'tap'
import type { Engine } from '../../lib/store/engine.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { NAMED_QUERIES } from '../../lib/store/queries/named-queries.ts'
import { runQuery } from '../../lib/store/queries/run-query.ts'
import { firstTtl, readRetention, setRetention } from '../../lib/store/retention.ts'

const DAY_MS = 86_400_000

async function daysOf (engine: Engine): Promise<[number | undefined, number | undefined]> {
  const days = new Map((await readRetention(engine)).map(({ table, days }) => [table, days]))
  return [days.get('otel_traces'), days.get('otel_traces_trace_id_ts')]
}

t.test('spans are found for as long as they are kept', async t => {
  const { engine, close } = await openStore({ path: ':memory:' })
  t.teardown(close)
  t.strictSame(await daysOf(engine), [90, 90])
  await setRetention(engine, { otel_traces: { days: 200 } })
  t.strictSame(await daysOf(engine), [200, 200], 'what is said of spans alone')
  const trace = 'c'.repeat(32)
  const started = Math.floor((Date.now() - 120 * DAY_MS) / 1_000)
  await engine.insert('otel_traces', JSON.stringify({ Timestamp: `${started}.5`, TraceId: trace, SpanId: 'd'.repeat(16), SpanName: 'old', SpanKind: 'Server', ServiceName: 's' }), 1)
  await engine.command('OPTIMIZE TABLE otel_traces_trace_id_ts FINAL')
  t.match(await runQuery(engine, NAMED_QUERIES.trace, { trace }, 'all-organizations'), [{ name: 'old' }])

  const refused = { code: 'LETTA_OTEL_INVALID_OPTION', message: /retention\.otel_traces_trace_id_ts" cannot be 100: use at least the days of otel_traces, 200/ }
  await t.rejects(setRetention(engine, { otel_traces_trace_id_ts: { days: 100 } }, { allowLoss: true }), refused)
  await t.rejects(setRetention(engine, { otel_traces_trace_id_ts: { days: 100 }, otel_traces: { days: 200 } }, { allowLoss: true }), refused)
  t.strictSame(await daysOf(engine), [200, 200])
  await setRetention(engine, { otel_traces_trace_id_ts: { days: 300 } })
  await setRetention(engine, { otel_traces: { days: 250 } })
  t.strictSame(await daysOf(engine), [250, 300], 'longer bounds stay')
  await t.rejects(setRetention(engine, { otel_traces: { days: 30 } }), { code: 'LETTA_OTEL_STORE_RETENTION_SHORTER' })
  await setRetention(engine, { otel_traces: { days: 130 } }, { allowLoss: true })
  t.strictSame(await daysOf(engine), [130, 130])
})

t.test('the same when the tables are made', async t => {
  const ttl = (days: number, table: 'otel_traces' | 'otel_traces_trace_id_ts' = 'otel_traces_trace_id_ts', wanted = {}): void => { t.match(firstTtl(table, wanted), `toIntervalDay(${days})`) }
  ttl(90)
  ttl(200, 'otel_traces_trace_id_ts', { otel_traces: { days: 200 } })
  ttl(90, 'otel_traces_trace_id_ts', { otel_traces: { days: 20 } })
  ttl(100, 'otel_traces_trace_id_ts', { otel_traces_trace_id_ts: { days: 100 } })
  ttl(200, 'otel_traces', { otel_traces: { days: 200 } })
  t.throws(() => firstTtl('otel_traces_trace_id_ts', { otel_traces_trace_id_ts: { days: 80 } }), { code: 'LETTA_OTEL_INVALID_OPTION' })
})
