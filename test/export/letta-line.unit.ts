import fc from 'fast-check'
import pino from 'pino'
import t from 'tap'
import { lettaLine, lettaLines, type LineFormat } from '../../lib/export/letta-line.ts'

const format = (loggerName: string): LineFormat => ({ loggerName, secretQueryKeys: new Set(['token']) })

const line = (text: string): Record<string, any> => {
  const converted = lettaLine(text, format('app'))
  if (!converted.endsWith('\n') || converted.indexOf('\n') !== converted.length - 1) throw new Error('not one line')
  return JSON.parse(converted)
}

t.test('a line of pino in the form of Letta.log', async t => {
  t.strictSame(line('{"level":30,"time":1700000000123,"pid":7,"hostname":"h","reqId":"req-1","agent_id":"agent-1","dd.trace_id":"5","msg":"hello"}\n'), {
    timestamp: '2023-11-14T22:13:20.123Z',
    level: 'INFO',
    logger: 'app',
    message: 'hello',
    reqId: 'req-1',
    agent_id: 'agent-1',
    'dd.trace_id': '5'
  })
})

t.test('levels by name', async t => {
  const levels = [[10, 'TRACE'], [20, 'DEBUG'], [30, 'INFO'], [40, 'WARNING'], [50, 'ERROR'], [60, 'CRITICAL'], [35, '35'], ['"info"', 'INFO'], ['"notice"', 'NOTICE']]
  for (const [level, name] of levels) t.equal(line(`{"level":${level}}`)['level'], name)
  t.equal(line('{}')['level'], 'INFO')
})

t.test('an exception with type, message and stack', async t => {
  const log: string[] = []
  pino({ base: null }, { write: (text: string) => { log.push(text) } }).error(new RangeError('too far'), 'it broke')
  const { exception, message, ...rest } = line(log[0]!)
  t.equal(message, 'it broke')
  t.strictSame(Object.keys(exception), ['type', 'message', 'stacktrace'])
  t.match(exception, { type: 'RangeError', message: 'too far', stacktrace: /^RangeError: too far\n {4}at / })
  t.notOk('err' in rest)
  t.strictSame(line('{"err":{"name":"MyError"}}')['exception'], { type: 'MyError', message: '', stacktrace: '' })
  t.strictSame(line('{"err":{}}')['exception'], { type: 'Error', message: '', stacktrace: '' })
  t.equal('exception' in line('{"err":null}'), false)
})

t.test('name, time and message of other kinds', async t => {
  t.equal(line('{"name":"worker"}')['logger'], 'worker')
  t.equal(line('{"time":"2024-01-02T03:04:05.678Z"}')['timestamp'], '2024-01-02T03:04:05.678Z')
  for (const text of ['{"time":"never"}', '{"time":{}}', '{}', '{"time":1e300}']) {
    t.ok(Math.abs(Date.parse(line(text)['timestamp']) - Date.now()) < 5_000, text)
  }
  t.equal(line('{}')['message'], '')
  t.strictSame(line('{"msg":{"a":1}}')['message'], { a: 1 })
})

t.test('what is no JSON object is a message', async t => {
  for (const text of ['plain text', '{"broken', '42', 'null', '"text"']) {
    t.match(line(`${text}\n`), { level: 'INFO', logger: 'app', message: text })
  }
})

t.test('whatever comes in, one valid JSON object of the known form goes out', async t => {
  const known = (text: string): boolean => {
    const { timestamp, level, logger, message } = line(text)
    return new Date(timestamp).toISOString() === timestamp && typeof level === 'string' && logger !== undefined && message !== undefined
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), known))
  fc.assert(fc.property(fc.json(), known))
  const field = fc.oneof(fc.jsonValue(), fc.constant(undefined))
  fc.assert(fc.property(fc.record({ level: field, time: field, msg: field, name: field, err: field, __proto__: field, toString: field }, { requiredKeys: [] }), fields => known(JSON.stringify(fields))), { numRuns: 1_000 })
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fields => {
    const text = JSON.stringify(fields)
    const letta = line(text)
    for (const [name, value] of Object.entries(JSON.parse(text) as object)) {
      if (!['level', 'time', 'msg', 'name', 'err', 'pid', 'hostname', 'timestamp', 'logger', 'message', '__proto__'].includes(name)) t.strictSame(letta[name], value, { silent: true })
    }
  }), { numRuns: 100 })
  t.pass()
})

t.test('secrets in the URL of a request stay out of the file', async t => {
  const { req } = line('{"level":30,"req":{"method":"GET","url":"/a?TOKEN=hidden&page=2"},"msg":"incoming request"}')
  t.strictSame(req, { method: 'GET', url: '/a?TOKEN=REDACTED&page=2' })
  t.equal(line('{"level":30,"msg":"Route GET:/a?token=hidden not found"}').message, 'Route GET:/a?token=REDACTED not found')
  t.strictSame(line('{"level":30,"req":{"url":"/a"}}').req, { url: '/a' })
  t.strictSame(line('{"level":30,"req":{"url":7}}').req, { url: 7 })
  t.strictSame(line('{"level":30,"req":null}').req, null)
})

t.test('levels that are written as words', async t => {
  t.strictSame(['info', 'warn', 'fatal', 'notice'].map(level => line(JSON.stringify({ level })).level), ['INFO', 'WARNING', 'CRITICAL', 'NOTICE'])
})

t.test('a logger with names of its own for message, error and levels', async t => {
  const log: string[] = []
  const logger = pino({ base: null, messageKey: 'message', errorKey: 'error', customLevels: { notice: 35 } }, { write: (text: string) => { log.push(text) } })
  logger.notice('Route GET:/a?token=hidden not found')
  logger.error(new Error('/b?token=hidden'))
  logger.warn('warned')
  const dialect = { messageKey: 'message', errorKey: 'error', levels: { 35: 'notice' } }
  const [notice, error, warning] = log.map(text => JSON.parse(lettaLine(text, format('app'), dialect)))
  t.match(notice, { level: 'NOTICE', message: 'Route GET:/a?token=REDACTED not found' })
  t.match(error, { level: 'ERROR', exception: { type: 'Error', message: '/b?token=REDACTED' } })
  t.notMatch(JSON.stringify(error), 'hidden')
  t.equal(warning.level, 'WARNING')
  t.equal(JSON.parse(lettaLine('plain', format('app'), dialect)).message, 'plain')
  t.equal(JSON.parse(lettaLines('{"level":40}\n', format('app'), { levels: { 40: 'fatal' } })).level, 'CRITICAL')
})

t.test('fields of the application do not take the place of the line\'s own', async t => {
  t.strictSame(line('{"level":50,"time":0,"name":"n","timestamp":"x","logger":"y","message":"z","exception":7,"err":{"type":"E"},"msg":"real"}'), {
    timestamp: '1970-01-01T00:00:00.000Z',
    level: 'ERROR',
    logger: 'n',
    message: 'real',
    exception: { type: 'E', message: '', stacktrace: '' },
    'app.timestamp': 'x',
    'app.logger': 'y',
    'app.message': 'z',
    'app.exception': 7
  })
  t.equal(line('{"exception":7}')['exception'], 7)
})

t.test('many lines at once', async t => {
  t.strictSame(
    lettaLines('{"msg":"a"}\n\n{"msg":"b"}\nplain\n', format('app')).trim().split('\n').map(text => JSON.parse(text).message), ['a', 'b', 'plain'])
  t.equal(lettaLines('', format('app')), '')
})
