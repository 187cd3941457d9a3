import t from 'tap'
import { prune } from '../../lib/backend/prune.ts'
import { runningBackend } from './running-backend.ts'
import { spansRequest } from './sample-requests.ts'

const DAY_MS = 24 * 3_600_000
const DAYS = 'SELECT toString(toDate(Timestamp)) AS day, count() AS rows FROM otel_traces GROUP BY day ORDER BY day'

t.test('the oldest days go first, and of the last one the oldest rows', async t => {
  const backend = await runningBackend(t)
  const { engine } = backend.store
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const day = (ago: number): string => new Date(today - ago * DAY_MS).toISOString().slice(0, 10)
  for (const ago of [3, 2, 1]) await backend.send('traces', spansRequest(500, ago * 1_000, today - ago * DAY_MS))
  for (let minute = 0; minute < 4; minute++) await backend.send('traces', spansRequest(500, minute * 1_000 + 10_000, today + minute * 60_000))
  await backend.flush()
  t.strictSame(await backend.rows(DAYS), [...[3, 2, 1].map(ago => ({ day: day(ago), rows: '500' })), { day: day(0), rows: '2000' }])

  t.strictSame(await prune(engine, 1e9), [], 'nothing is too much')
  const size = async (): Promise<number> => {
    const [sum] = await backend.rows<{ bytes: string }>("SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'otel' AND active")
    return Number(sum!.bytes)
  }
  const before = await size()
  const deleted = await prune(engine, before - 1)
  t.match(deleted, [new RegExp(`: ${day(3)}$`)])
  while ((await backend.rows(DAYS)).length === 4) await prune(engine, await size() - 1)
  t.match(await backend.rows(DAYS), [{ day: day(2) }, { day: day(1) }, { day: day(0), rows: '2000' }])

  await prune(engine, 1)
  const [left, ...more] = await backend.rows<{ day: string, rows: string }>(DAYS)
  t.strictSame(more, [])
  t.notOk(left !== undefined && Number(left.rows) === 2_000, 'the last day was cut')
})

t.test('of one day, what is newest stays', async t => {
  const backend = await runningBackend(t)
  const start = Math.floor(Date.now() / DAY_MS) * DAY_MS
  for (let minute = 0; minute < 10; minute++) await backend.send('traces', spansRequest(2_000, minute * 10_000, start + minute * 60_000))
  await backend.flush()
  await backend.store.engine.command('OPTIMIZE TABLE otel.otel_traces FINAL')
  const [sum] = await backend.rows<{ bytes: string }>("SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'otel' AND active")
  const deleted = await prune(backend.store.engine, Math.round(Number(sum!.bytes) * 0.9))
  t.match(deleted, [/^otel_traces: until /])
  const [rows] = await backend.rows<{ rows: string, first: string, last: string }>('SELECT count() AS rows, toUnixTimestamp(min(Timestamp)) AS first, toUnixTimestamp(max(Timestamp)) AS last FROM otel_traces')
  t.ok(Number(rows!.rows) > 0 && Number(rows!.rows) < 20_000, `${rows!.rows} rows are left`)
  t.equal(Number(rows!.last) * 1_000, start + 9 * 60_000)
  t.ok(Number(rows!.first) * 1_000 > start)
})
