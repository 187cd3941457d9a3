/** Letta.log through `clickhouse`: lines as they are written become log records, and none is lost when the collector is killed. */
import { appendFileSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lettaLines } from '../../../../lib/export/letta-line.ts'
import { clickhouse, countOf } from '../harness/clickhouse.ts'
import { proof } from '../harness/proof.ts'

const TRACE_ID = 'a75cc9e8da21c18a55a0fe5131910f7c'
const SPAN_ID = 'eb116dbdb8126443'
const IDS = { trace_id: TRACE_ID, span_id: SPAN_ID, trace_flags: '01', 'dd.trace_id': '6170211114174975868', 'dd.span_id': '16938440335121605699' }
const SERVICE = { 'dd.service': 'agent-server', 'dd.env': 'staging', 'dd.version': '1.2.3' }
const TIME = Date.parse('2026-11-21T12:09:09.949Z')

const KILLS = 6
const RUN_MS = 1_500
const AWAY_MS = 200
/** Each kill meets another moment of reading. */
const KILL_SHIFT_MS = 37
const LINES_A_ROUND = 20
const ROUND_MS = 10
/** What is read in the time between two looks at the file, a kill at a time. */
const TWICE_MAX = KILLS * 1_000

await proof('Letta.log, in the store', async p => {
  const { open, env } = await clickhouse(p)
  const store = await open('otel')
  const file = join(p.directory, 'logs', 'Letta.log')
  mkdirSync(join(p.directory, 'logs'))
  const write = (...lines: object[]): void => {
    const text = lines.map(line => JSON.stringify({ time: TIME, pid: 1, hostname: 'h', ...line })).join('\n')
    appendFileSync(file, lettaLines(text, { loggerName: 'agent-server', secretQueryKeys: new Set() }))
  }
  write(
    { level: 30, msg: 'incoming request', reqId: 'req-1', org_id: 'org-1', ...IDS, ...SERVICE, req: { method: 'GET', url: '/a' } },
    { level: 50, msg: 'no model', ...IDS, ...SERVICE, err: { type: 'TypeError', message: 'no model', stack: 'TypeError: no model\n    at turn' } },
    { level: 60, msg: 'out of memory' }
  )
  appendFileSync(file, '2026-11-21 12:09:10 - letta - plain\nTraceback (most recent call last):\n  File "a.py", line 1\nValueError: no\n')
  const collector = await p.collector({ configuration: 'clickhouse', env: { ...env('otel'), OTEL_SERVICE_NAME: 'letta' } })
  await p.until(async () => await countOf(store, 'otel_logs') === 4, 20)
  const rows = await store.engine.query<Record<string, any>>(`
    SELECT Body, SeverityNumber, SeverityText, TraceId, SpanId, TraceFlags, ServiceName, toUnixTimestamp64Milli(Timestamp) AS time,
      LogAttributes, ResourceAttributes
    FROM otel_logs ORDER BY Timestamp, SeverityNumber`)
  const resource = { 'service.name': 'agent-server', 'service.version': '1.2.3', 'deployment.environment.name': 'staging', environment: 'development' }
  p.equal('a line is a record: message, level, time, ids, service, and the rest', rows[0], {
    Body: 'incoming request',
    SeverityNumber: 9,
    SeverityText: 'INFO',
    TraceId: TRACE_ID,
    SpanId: SPAN_ID,
    TraceFlags: 1,
    ServiceName: 'agent-server',
    time: String(TIME),
    LogAttributes: { logger: 'agent-server', reqId: 'req-1', org_id: 'org-1', req: '{"method":"GET","url":"/a"}', 'log.file.name': 'Letta.log' },
    ResourceAttributes: resource
  })
  p.equal('an error has its own attributes', rows[1]?.['LogAttributes'], {
    logger: 'agent-server',
    'log.file.name': 'Letta.log',
    'exception.type': 'TypeError',
    'exception.message': 'no model',
    'exception.stacktrace': 'TypeError: no model\n    at turn'
  })
  p.equal('levels are known, also without ids', rows.map(row => [row['SeverityNumber'], row['TraceId'] === TRACE_ID]), [[9, true], [17, true], [18, false], [0, false]])
  p.equal('lines of a trace back stay with what they are of', [rows[3]?.['Body'].split('\n').length, rows[3]?.['ServiceName']], [4, 'letta'])

  // The file is rotated while the collector is away, and it is killed while it reads.
  let line = 0
  const writeFor = async (milliseconds: number): Promise<void> => {
    for (const end = performance.now() + milliseconds; performance.now() < end; await pause(ROUND_MS)) {
      write(...Array.from({ length: LINES_A_ROUND }, () => ({ time: Date.now(), level: 30, msg: `line ${line++}` })))
    }
  }
  for (let kill = 0; kill < KILLS; kill++) {
    await writeFor(RUN_MS + kill * KILL_SHIFT_MS)
    await collector.stop('SIGKILL')
    await writeFor(AWAY_MS)
    if (kill === 1) renameSync(file, file.replace('.log', '.1.log'))
    await Promise.all([writeFor(AWAY_MS), collector.start()])
  }
  const written = line
  const distinct = async (): Promise<number> => Number((await store.engine.query<any>("SELECT uniqExact(Body) AS lines FROM otel_logs WHERE Body LIKE 'line %'"))[0].lines)
  await p.until(async () => await distinct() === written, 30)
  p.equal('no line is lost when the collector is killed', await distinct(), written)
  const stored = await countOf(store, 'otel_logs', "Body LIKE 'line %'")
  p.check(`few come twice, those that it was reading: ${stored - written} of ${written}`, stored - written <= TWICE_MAX)
  p.equal('the collector had nothing to say', collector.output, '')
})
