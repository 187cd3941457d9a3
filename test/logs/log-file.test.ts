import Fastify from 'fastify'
import fc from 'fast-check'
import pino from 'pino'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import lettaOtel from '../../lib/index.ts'
import { copyLogLines, lettaLine, type LineFormat } from '../../lib/logs/log-file.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { captureLog } from '../fixtures/log-lines.ts'

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
      if (!['level', 'time', 'msg', 'name', 'err', 'pid', 'hostname', 'timestamp', 'logger', 'message', 'exception', '__proto__'].includes(name)) t.strictSame(letta[name], value, { silent: true })
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

t.test('copies: in one go, to every writer, as long as it wants them', async t => {
  const log = captureLog()
  const logger = pino({ base: null }, log.stream)
  const written: string[][] = [[], []]
  const [first, second] = written.map(chunks => ({ write: (text: string) => { chunks.push(text) } }))
  const undoFirst = copyLogLines(logger, first!, format('one'))!
  const undoSecond = copyLogLines(logger, second!, format('two'))!
  logger.info('a')
  logger.child({ sub: true }).warn('b')
  t.strictSame(written, [[], []], 'a request does not wait for it')
  await setImmediate()
  const messages = (chunk: string | undefined): string[] => (chunk ?? '').trim().split('\n').map(text => JSON.parse(text)).map(({ logger, message }) => `${logger} ${message}`)
  t.strictSame(written.map(chunks => chunks.length), [1, 1])
  t.strictSame([messages(written[0]![0]), messages(written[1]![0])], [['one a', 'one b'], ['two a', 'two b']])
  undoFirst()
  logger.info('c')
  await setImmediate()
  t.strictSame(written.map(chunks => chunks.length), [1, 2])
  undoSecond()
  logger.info('d')
  await setImmediate()
  t.strictSame(written.map(chunks => chunks.length), [1, 2])
  t.strictSame(log.lines.map(({ msg }) => msg), ['a', 'b', 'c', 'd'], 'the log itself is as it was')
})

t.test('a loop that never yields does not pile lines up', async t => {
  const logger = pino({ base: null }, { write () {} })
  let written = 0
  const undo = copyLogLines(logger, { write: text => { written += text.length } }, format('app'))!
  for (let n = 0; n < 1_000; n++) logger.info({ filler: 'x'.repeat(500) }, 'line')
  t.ok(written > 400_000)
  undo()
  t.ok(written > 500_000)
})

t.test('a hook of the user\'s stays; the copy is of what pino made', async t => {
  const log = captureLog()
  const logger = pino({ hooks: { streamWrite: text => text.replace('secret', '******') } }, log.stream)
  copyLogLines(logger, { write () {} }, format('app'))
  logger.info('secret')
  t.equal(log.lines[0]?.['msg'], '******')
})

t.test('no logger of pino', async t => {
  t.equal(copyLogLines(console, { write () {} }, format('app')), undefined)
})

t.test('an application with destination files writes Letta.log', async t => {
  const directory = t.testdir()
  useEnvironment({ LETTA_DIR: directory, NODE_ENV: 'test' })
  const log = captureLog()
  const app = Fastify({ logger: { stream: log.stream } })
  await app.register(lettaOtel, { destination: 'files', serviceName: 'agent-server', serviceVersion: '3', environment: 'staging', instrumentations: false })
  app.get('/v1/agents/:agent_id', async request => {
    request.log.warn({ attempt: 2 }, 'handler')
    throw new RangeError('too far')
  })
  const agent = 'agent-0f8fad5b-d9cb-469f-a165-70867728950e'
  await app.inject({
    url: `/v1/agents/${agent}`,
    headers: { user_id: 'user-1', 'x-organization-id': 'org-1', 'x-project-id': 'project-1' }
  })
  await app.close()
  const lines = readFileSync(join(directory, 'logs/Letta.log'), 'utf8').trim().split('\n').map(text => JSON.parse(text))
  const span = JSON.parse(readFileSync(join(directory, 'logs/traces.json'), 'utf8').split('\n')[0]!).resourceSpans[0].scopeSpans[0].spans[0]
  t.strictSame(lines.map(({ level, message }) => [level, message]), [
    ['INFO', 'incoming request'], ['WARNING', 'handler'], ['ERROR', 'too far'], ['INFO', 'request completed']
  ])
  for (const each of lines) {
    t.match(each, {
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
      logger: 'agent-server',
      trace_id: span.traceId,
      span_id: span.spanId,
      trace_flags: '01',
      'dd.trace_id': BigInt(`0x${span.traceId.slice(16)}`).toString(),
      'dd.span_id': BigInt(`0x${span.spanId}`).toString(),
      'dd.service': 'agent-server',
      'dd.env': 'staging',
      'dd.version': '3',
      actor_id: 'user-1',
      org_id: 'org-1',
      project_id: 'project-1',
      agent_id: agent
    }, each.message)
    for (const name of ['time', 'msg', 'pid', 'hostname', 'err']) t.notOk(name in each)
  }
  t.equal(lines[1].attempt, 2)
  t.match(lines[2].exception, { type: 'RangeError', message: 'too far', stacktrace: /at / })
})

t.test('a folder that cannot be written is reported once, through the log, and requests go on', async t => {
  useEnvironment({ LETTA_DIR: join(t.testdir({ file: '' }), 'file'), NODE_ENV: 'test' })
  const log = captureLog()
  const app = Fastify({ logger: { stream: log.stream } })
  await app.register(lettaOtel, { destination: 'memory', logs: { file: true }, instrumentations: false })
  app.get('/', async () => 'ok')
  for (let n = 0; n < 5; n++) t.equal((await app.inject('/')).statusCode, 200)
  await setImmediate()
  t.equal(log.lines.filter(({ level, msg }) => level === 40 && /^log lines cannot be written to .*Letta\.log: ENOTDIR/.test(msg)).length, 1)
  t.ok(app.telemetry.stats().logFileDroppedBytes > 1_000)
  await app.close()
})
