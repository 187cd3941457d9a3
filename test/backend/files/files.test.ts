import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { EXPORTED } from '../../../lib/backend/files/rows-to-json.ts'
import { SIGNALS } from '../../../lib/export/parcel.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { runningBackend, type RunningBackend } from '../running-backend.ts'
import { sampleRequests, spansRequest } from '../sample-requests.ts'

async function contents (backend: RunningBackend): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {}
  for (const table of Object.keys(EXPORTED)) tables[table] = (await backend.rows(`SELECT * FROM ${table}`)).map(row => JSON.stringify(row)).sort()
  return tables
}

t.test('what is exported and imported again is the same', async t => {
  const directory = temporaryDirectory(t)
  const files = join(directory, 'files')
  const first = await runningBackend(t, { path: join(directory, 'first') })
  for (const signal of SIGNALS) await first.send(signal, JSON.stringify(sampleRequests()[signal]))
  await first.send('traces', spansRequest(5_000))
  await first.flush()
  const before = await contents(first)
  t.strictSame(await first.exportFiles(files), [
    { path: join(files, 'traces.json'), rows: 5_002 }, { path: join(files, 'metrics.json'), rows: 7 }, { path: join(files, 'logs.json'), rows: 2 }
  ])
  await t.rejects(first.exportFiles(files), { code: 'EEXIST' }, 'nothing is written over')
  const lines = (await readFile(join(files, 'traces.json'), 'utf8')).trim().split('\n')
  t.ok(lines.length >= 3, 'in lines that are not too long')
  t.match(JSON.parse(lines[0]!), { resourceSpans: [{ resource: { attributes: Array }, scopeSpans: [{ spans: Array }] }] })
  await first.close()

  const second = await runningBackend(t, { path: join(directory, 'second') })
  t.match(await second.importFile(join(files, 'traces.json')), { rows: 5_002, rejected: 0 })
  t.match(await second.importFile(join(files, 'metrics.json')), { rows: 7, rejected: 0 })
  t.match(await second.importFile(join(files, 'logs.json')), { rows: 2, rejected: 0 })
  t.strictSame(await contents(second), before)
  await second.close()
})

t.test('what is beyond usual numbers is exported so that it can be imported', async t => {
  const directory = temporaryDirectory(t)
  const first = await runningBackend(t, { path: join(directory, 'first') })
  const nanoseconds = BigInt(Date.now()) * 1_000_000n
  const point = (asDouble: string, timeUnixNano = String(nanoseconds)): object => ({ startTimeUnixNano: '0', timeUnixNano, asDouble, exemplars: [{ asDouble, timeUnixNano: '18446744073709551615' }] })
  const histogram = { timeUnixNano: String(nanoseconds), count: '1', sum: '-Infinity', min: '-Infinity', max: 'Infinity', bucketCounts: ['1', '0'], explicitBounds: ['Infinity'] }
  await first.send('metrics', JSON.stringify({
    resourceMetrics: [{
      scopeMetrics: [{
        metrics: [
          { name: 'gauge', gauge: { dataPoints: [point('Infinity'), point('-Infinity'), point('NaN')] } }, { name: 'histogram', histogram: { aggregationTemporality: 1, dataPoints: [histogram] } }
        ]
      }]
    }]
  }))
  const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) }
  const span = { ...ids, name: 'late', startTimeUnixNano: String(nanoseconds), endTimeUnixNano: '18446744073709551615', events: [{ name: 'never', timeUnixNano: '18446744073709551615' }] }
  await first.send('traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }))
  await first.flush()
  // As a Collector writes a span that ends before it begins.
  const wrapped = JSON.stringify({ Timestamp: String(nanoseconds), TraceId: ids.traceId, SpanId: '3'.repeat(16), SpanName: 'wrapped', SpanKind: 'Unspecified', StatusCode: 'Unset', Duration: '18446744073709551000' })
  await first.store.engine.insert('otel_traces', wrapped, 1)
  const before = await contents(first)
  t.equal(before['otel_traces']!.length, 2)
  await first.exportFiles(join(directory, 'files'))
  await first.close()

  const second = await runningBackend(t, { path: join(directory, 'second') })
  t.match(await second.importFile(join(directory, 'files', 'metrics.json')), { rows: 4, rejected: 0 })
  t.match(await second.importFile(join(directory, 'files', 'traces.json')), { rows: 2, rejected: 0 })
  const after = await contents(second)
  const longest = String(18_446_744_073_709_551_615n - nanoseconds)
  t.strictSame(after, { ...before, otel_traces: before['otel_traces']!.map(row => row.replace('18446744073709551000', longest)).sort() }, 'a duration is as long as an end can say')
  const denormals = await second.rows('SELECT toString(Value) AS value FROM otel_metrics_gauge ORDER BY value')
  t.strictSame(denormals, [{ value: '-inf' }, { value: 'inf' }, { value: 'nan' }])
  await second.close()
})

t.test('a file of any signals is taken line by line, until one cannot be read', async t => {
  const path = temporaryDirectory(t)
  const backend = await runningBackend(t, { path: join(path, 'data') })
  const file = join(path, 'mixed.json')
  const requests = sampleRequests()
  await writeFile(file, `${SIGNALS.map(signal => JSON.stringify(requests[signal])).join('\n')}\n\n{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}\r\n`)
  t.strictSame(await backend.importFile(file), { lines: 5, rows: 11, rejected: 1 })
  for (const [line, reason] of [['{"spans":[]}', /begins with none of/], ['{"resourceSpans":[', /JSON/], ['{"resourceSpans":[{"scopeSpans":1}]}', /scopeSpans is no array/]] as const) {
    await writeFile(file, `${spansRequest(2)}\n${line}\n`)
    await t.rejects(backend.importFile(file), { code: 'LETTA_OTEL_FILE_UNREADABLE', message: new RegExp(`mixed.json, line 2 cannot be imported: .*${reason.source}`) })
  }
  await t.rejects(backend.importFile(join(path, 'none.json')), { code: 'LETTA_OTEL_FILE_UNREADABLE', message: /ENOENT/ })
  await backend.flush()
  t.match(await backend.rows("SELECT count() AS rows FROM otel_traces WHERE ServiceName = 'many'"), [{ rows: '6' }], 'lines before it were taken')
})
