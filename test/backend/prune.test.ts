import { join } from 'node:path'
import t from 'tap'
import { prune, sizeOf } from '../../lib/backend/prune.ts'
import { sizeLimit } from '../../lib/backend/size-limit.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
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
    const { bytes, restBytes } = await sizeOf(engine)
    return bytes - restBytes
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
  const { bytes, restBytes } = await sizeOf(backend.store.engine)
  const deleted = await prune(backend.store.engine, Math.round((bytes - restBytes) * 0.9))
  t.match(deleted, [/^otel_traces: until /])
  const [rows] = await backend.rows<{ rows: string, first: string, last: string }>('SELECT count() AS rows, toUnixTimestamp(min(Timestamp)) AS first, toUnixTimestamp(max(Timestamp)) AS last FROM otel_traces')
  t.ok(Number(rows!.rows) > 0 && Number(rows!.rows) < 20_000, `${rows!.rows} rows are left`)
  t.equal(Number(rows!.last) * 1_000, start + 9 * 60_000)
  t.ok(Number(rows!.first) * 1_000 > start)
})

t.test('a row of a day that has not come yet makes no other the oldest, and is not counted', async t => {
  const backend = await runningBackend(t)
  const { engine } = backend.store
  const start = Math.floor(Date.now() / DAY_MS) * DAY_MS
  for (let minute = 0; minute < 10; minute++) await backend.send('traces', spansRequest(500, minute * 10_000, start + minute * 60_000))
  await backend.send('traces', spansRequest(1, 900_000, Date.UTC(2099, 0, 2)))
  await backend.flush()
  const { bytes, restBytes } = await sizeOf(engine)
  t.ok(restBytes > 0 && restBytes < bytes)
  t.strictSame(await prune(engine, bytes - restBytes), [], 'what cannot be deleted takes nothing from the rest')
  t.match(await prune(engine, bytes - restBytes - 1), [/: until /], 'of today, not all of it')
  const [rows] = await backend.rows<{ today: string, later: string }>("SELECT countIf(Timestamp < '2090-01-01') AS today, countIf(Timestamp > '2090-01-01') AS later FROM otel_traces")
  t.ok(Number(rows!.today) > 0, `${rows!.today} rows of today are left`)
  t.equal(rows!.later, '1')
})

t.test('a limit that is not given again is the one that was given last', async t => {
  const path = temporaryDirectory(t)
  const { store: { engine }, send, flush } = await runningBackend(t, { path: join(path, 'data') })
  await send('traces', spansRequest(500))
  await flush()
  const problems: string[] = []
  const limit = async (maxBytes: number | false, changesMaxBytes: boolean): Promise<number | undefined> => await sizeLimit(engine, { path, maxBytes, changesMaxBytes, onProblem: problem => { problems.push(problem) } })
  t.equal(await limit(1, false), undefined, 'what has more than the default already')
  t.match(problems.splice(0), [/^\d+ bytes are stored, more than the 1 .* nothing is deleted until a size is given/])
  t.equal(await limit(1e9, false), 1e9)
  t.equal(await limit(5e9, true), 5e9)
  t.equal(await limit(1, false), 5e9)
  t.equal(await limit(false, true), undefined)
  t.equal(await limit(2, true), 2)
  t.strictSame(problems, [])
})
