import fc from 'fast-check'
import pino from 'pino'
import t from 'tap'
import { composeRequest } from '../../lib/export/compose-request.ts'
import { hostname } from 'node:os'
import { logLinesFragment, type LogRecordSettings } from '../../lib/export/log-records.ts'
import type { LineDialect } from '../../lib/export/parcel.ts'
import { decode, plainAttributes, plainValue } from './otlp-messages.ts'
import { RESOURCE } from './parcels.ts'

const NOW = 1_700_000_000_000

function scopeLogsOf (lines: string, dialect?: LineDialect, settings?: LogRecordSettings): any {
  const bytes = composeRequest(RESOURCE, [logLinesFragment({ lines, count: 1, dialect }, NOW, settings)])
  return decode('LogsRequest', bytes).resourceLogs[0].scopeLogs[0]
}

function recordsOf (lines: string, dialect?: LineDialect, settings?: LogRecordSettings): any[] {
  return scopeLogsOf(lines, dialect, settings).logRecords ?? []
}

function recordOf (line: string | Record<string, unknown>, dialect?: LineDialect, settings?: LogRecordSettings): any {
  const records = recordsOf(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`, dialect, settings)
  if (records.length !== 1) throw new Error(`${records.length} records`)
  return { ...records[0], attributes: plainAttributes(records[0].attributes), body: plainValue(records[0].body) }
}

t.test('a line of pino as it is', async t => {
  const lines: string[] = []
  const logger = pino({ base: { pid: 7 } }, { write: line => { lines.push(line) } })
  const before = Date.now()
  logger.error({ err: new RangeError('out of it'), reqId: 'req-1', n: 1.5, flag: true, list: [1, 'b', null], map: { a: -2 } }, 'it failed')
  const record = recordOf(lines.join(''))
  t.match(record, {
    severityNumber: 17,
    severityText: 'error',
    body: 'it failed',
    observedTimeUnixNano: `${NOW}000000`,
    attributes: {
      pid: 7,
      reqId: 'req-1',
      n: 1.5,
      flag: true,
      list: [1, 'b', null],
      map: { a: -2 },
      'exception.type': 'RangeError',
      'exception.message': 'out of it',
      'exception.stacktrace': /^RangeError: out of it\n {4}at/
    }
  })
  t.notOk('err' in record.attributes)
  const time = Number(BigInt(record.timeUnixNano) / 1_000_000n)
  t.ok(time >= before && time <= Date.now())
})

t.test('the span\'s ids go to their own fields, and Datadog\'s copies are left out', async t => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const record = recordOf({
    level: 30,
    msg: 'm',
    trace_id: traceId,
    span_id: 'b7ad6b7169203331',
    trace_flags: '01',
    'dd.trace_id': '1',
    'dd.span_id': '2',
    'dd.service': 's',
    'dd.env': 'e',
    'dd.version': 'v',
    dd: { trace_id: '1', span_id: '2', service: 's', env: 'e', version: 'v' },
    ddx: 3
  })
  t.match(record, { traceId: Buffer.from(traceId, 'hex').toString('base64'), spanId: Buffer.from('b7ad6b7169203331', 'hex').toString('base64'), flags: 1 })
  t.strictSame(record.attributes, { ddx: 3 })
  t.strictSame(recordOf({ msg: 'm', dd: { trace_id: '1', team: 'x' }, 'dd.own': 1 }).attributes, { dd: { team: 'x' }, 'dd.own': 1 }, 'what is not a copy stays')
  t.strictSame(recordOf({ msg: 'm', dd: 'text' }).attributes, { dd: 'text' })
})

t.test('number and host of this process are in the resource already', async t => {
  t.strictSame(recordOf({ msg: 'm', pid: process.pid, hostname: hostname() }).attributes, {})
  t.strictSame(recordOf({ msg: 'm', pid: -1, hostname: 'other host' }).attributes, { pid: -1, hostname: 'other host' })
})

t.test('the scope', async t => {
  t.strictSame(scopeLogsOf('{}', undefined, { scope: { name: 'letta-otel', version: '1.2.3' } }).scope, { name: 'letta-otel', version: '1.2.3' })
  t.strictSame(scopeLogsOf('{}', undefined, { scope: { name: 'letta-otel', version: undefined } }).scope, { name: 'letta-otel' })
})

t.test('secrets in URLs stay out', async t => {
  const secretQueryKeys = new Set(['token'])
  const line = { req: { url: '/a?TOKEN=hidden&page=2' }, msg: 'Route GET:/a?token=hidden not found', err: { type: 'E', message: 'at /?token=hidden', stack: 'E: at /?token=hidden' } }
  const record = recordOf(line, undefined, { secretQueryKeys })
  t.notMatch(JSON.stringify(record), 'hidden')
  t.strictSame(record.attributes.req, { url: '/a?TOKEN=REDACTED&page=2' })
  t.equal(record.body, 'Route GET:/a?token=REDACTED not found')
  t.match(JSON.stringify(recordOf({ note: 1, message: '/?token=hidden' }, { messageKey: 'message' }, { secretQueryKeys })), '/?token=REDACTED')
})

t.test('a logger with names of its own', async t => {
  const lines: string[] = []
  const logger = pino({ messageKey: 'message', errorKey: 'error', customLevels: { notice: 35 } }, { write: line => { lines.push(line) } })
  logger.notice({ error: new TypeError('no') }, 'it failed')
  const dialect = { messageKey: 'message', errorKey: 'error', levels: { 35: 'notice' } }
  t.match(recordOf(lines.join(''), dialect), {
    severityNumber: 9, severityText: 'notice', body: 'it failed', attributes: { 'exception.type': 'TypeError', 'exception.message': 'no' }
  })
  t.match(recordOf({ level: 'notice', message: 'm' }, dialect), { severityNumber: 10, severityText: 'notice' })
  t.match(recordOf({ level: 'own', message: 'm' }, { ...dialect, levels: { 55: 'own' } }), { severityNumber: 17, severityText: 'own' })
  t.match(recordOf({ level: 20, message: 'm' }, { ...dialect, levels: { 20: 'low' } }), { severityNumber: 5, severityText: 'low' })
  t.match(recordOf({ error: { code: 1 } }, dialect).attributes, { error: { code: 1 } })
  t.equal(recordOf('plain', dialect).body, 'plain')
})

t.test('a time that is none stays, and one under another name is taken', async t => {
  t.strictSame(recordOf({ time: 'yesterday', msg: 'm' }).attributes, { time: 'yesterday' })
  const record = recordOf({ timestamp: '2018-07-09T21:17:54.631Z', msg: 'm' })
  t.equal(record.timeUnixNano, '1531171074631000000')
  t.strictSame(record.attributes, {})
  t.strictSame(recordOf({ timestamp: 'x', msg: 'm' }).attributes, { timestamp: 'x' })
  t.strictSame(recordOf({ time: 1_531_171_074_631, timestamp: 7, msg: 'm' }).attributes, { timestamp: 7 })
})

t.test('ids that are none stay attributes', async t => {
  const fields = { trace_id: '0'.repeat(32), span_id: 'xyz', trace_flags: 1 }
  const record = recordOf({ ...fields, msg: 'm' })
  t.strictSame(record.attributes, fields)
  t.notOk(record.traceId ?? record.spanId ?? record.flags)
})

t.test('levels', async t => {
  const severities = Object.fromEntries([10, 20, 30, 40, 50, 60, 35, 5, 'warning', 'constructor', null].map(level => {
    const { severityNumber = 0, severityText = '' } = recordOf({ level, msg: 'm' })
    return [String(level), `${severityNumber} ${severityText}`]
  }))
  t.strictSame(severities, {
    10: '1 trace',
    20: '5 debug',
    30: '9 info',
    40: '13 warn',
    50: '17 error',
    60: '21 fatal',
    35: '9 35',
    5: '1 5',
    warning: '13 warning',
    constructor: '0 constructor',
    null: '0 '
  })
})

t.test('times in milliseconds, seconds and text', async t => {
  const nanoseconds = (time: unknown): string | undefined => recordOf({ time, msg: 'm' }).timeUnixNano
  t.equal(nanoseconds(1_531_171_074_631), '1531171074631000000')
  t.equal(nanoseconds(1_531_171_074_631.25), '1531171074631250000')
  t.equal(nanoseconds(1_531_171_074), '1531171074000000000')
  t.equal(nanoseconds('2018-07-09T21:17:54.631Z'), '1531171074631000000')
  for (const none of [undefined, null, 'yesterday', -5, 1e300, {}]) t.equal(nanoseconds(none), undefined)
})

t.test('what is not an object of JSON is the body of a record', async t => {
  t.match(recordsOf('plain text\n[1]\n\n"text"\n{"msg":"a"}\n{"msg":'), [
    { body: { stringValue: 'plain text' } }, { body: { stringValue: '[1]' } }, { body: { stringValue: '"text"' } },
    { body: { stringValue: 'a' } }, { body: { stringValue: '{"msg":' } }
  ])
  t.notOk('severityNumber' in recordsOf('plain text')[0])
})

t.test('messages and errors of any form', async t => {
  t.strictSame(recordOf({ msg: { a: [1] } }).body, { a: [1] })
  t.equal(recordOf({ level: 30 }).body, undefined)
  t.strictSame(recordOf({ err: 'a text' }).attributes, { err: 'a text' })
  t.strictSame(recordOf({ err: { name: 'E', message: 'm', code: 'E_CODE', cause: { x: 1 } } }).attributes,
    { 'exception.type': 'E', 'exception.message': 'm', err: { code: 'E_CODE', cause: { x: 1 } } })
})

t.test('numbers keep their value', async t => {
  const numbers = { a: 0, b: -1, c: 2 ** 53 - 1, d: -(2 ** 53 - 1), e: 1e300, f: 0.1, g: 2 ** 53, h: 128 }
  t.strictSame(recordOf({ n: numbers, msg: '' }).attributes, { n: numbers })
})

t.test('values nested without end are cut, and what is left can be read', async t => {
  const line = `{"msg":"m","deep":${'['.repeat(50_000)}${']'.repeat(50_000)},"map":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`
  t.match(JSON.stringify(recordOf(line).attributes), /nested too deeply.*nested too deeply/)
})

t.test('any line gives a record', async () => {
  const fields = fc.dictionary(
    fc.oneof(fc.constantFrom('level', 'time', 'msg', 'err', 'trace_id', 'span_id', 'trace_flags', 'dd', 'dd.x', '__proto__', 'name'), fc.string()),
    fc.oneof(fc.jsonValue(), fc.integer(), fc.double(), fc.constantFrom('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', '01')))
  const line = fc.oneof(fields.map(value => JSON.stringify(value)), fc.json(), fc.string({ unit: 'binary' }))
  fc.assert(fc.property(fc.array(line), lines => {
    const expected = lines.flatMap(text => text.split('\n')).filter(text => text.trim() !== '').length
    return recordsOf(lines.map(text => `${text}\n`).join('')).length === expected
  }), { numRuns: 2_000 })
})
