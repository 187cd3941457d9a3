import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import Fastify from 'fastify'
import pino from 'pino'
import t from 'tap'
import { AmbientScope } from '../../lib/ambient/context-attributes.ts'
import { AMBIENT_KEY } from '../../lib/ambient/request-context.ts'
import { attachLogs, isSilent, type LogSettings } from '../../lib/logs/attach-logs.ts'
import { captureLog } from '../fixtures/log-lines.ts'

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
const CONTEXT = trace.setSpanContext(ROOT_CONTEXT, SPAN).setValue(AMBIENT_KEY, new AmbientScope({ 'organization.id': 'org-1' }, {}, '/'))

function settings (given: Partial<LogSettings> = {}): LogSettings {
  return {
    fields: { ddFormat: 'decimal64', keys: 'flat', service: undefined, env: undefined, version: undefined },
    correlation: true,
    file: undefined,
    records: undefined,
    contextOfLine: () => undefined,
    report: problem => { throw new Error(problem) },
    ...given
  }
}

t.test('a bound logger and its children remember their request; the application\'s is never bound', async t => {
  const log = captureLog()
  const logger = pino({}, log.stream)
  const { bind } = attachLogs(logger, settings())
  const requestLogger = logger.child({ reqId: 1 })
  bind(requestLogger, CONTEXT)
  bind(logger, CONTEXT)
  requestLogger.info('bound')
  requestLogger.child({}).info('child')
  logger.info('application')
  t.match(log.lines.slice(0, 2), [{ msg: 'bound', trace_id: SPAN.traceId, org_id: 'org-1' }, { msg: 'child', trace_id: SPAN.traceId, org_id: 'org-1' }])
  t.notOk('trace_id' in log.line('application'))
})

t.test('without correlation nothing is bound', async t => {
  const log = captureLog()
  const logger = pino({}, log.stream)
  const { bind } = attachLogs(logger, settings({ correlation: false }))
  const requestLogger = logger.child({})
  bind(requestLogger, CONTEXT)
  requestLogger.info('line')
  t.notOk('trace_id' in log.line('line'))
})

t.test('the context of a line that names a request is asked for, of every application, until it is detached', async t => {
  const log = captureLog()
  const logger = pino({}, log.stream)
  const asked: string[] = []
  const first = attachLogs(logger, settings({ contextOfLine: () => { asked.push('first'); return undefined } }))
  attachLogs(logger, settings({ contextOfLine: line => { asked.push('second'); return 'req' in line ? CONTEXT : undefined } }))
  logger.info({ req: 1 }, 'found')
  t.strictSame(asked, ['first', 'second'])
  t.match(log.line('found'), { trace_id: SPAN.traceId })
  first.detach()
  logger.info({ req: 2 }, 'found again')
  t.strictSame(asked, ['first', 'second', 'second'])
  logger.info('not found')
  t.strictSame(asked, ['first', 'second', 'second'], 'a line that names none costs nothing')
  t.notOk('trace_id' in log.line('not found'))
})

t.test('copies go to the file, and what waits goes there when it is detached', async t => {
  const logger = pino({}, captureLog().stream)
  const waiting: string[] = []
  const written: string[] = []
  const file: LogSettings['file'] = {
    open: () => ({ read (line) { waiting.push(JSON.parse(line).msg) }, flush () { written.push(...waiting.splice(0)) } })
  }
  const { detach } = attachLogs(logger, settings({ file }))
  const other = attachLogs(logger, settings({ file }))
  logger.info('a')
  t.strictSame(written, [])
  detach()
  t.strictSame(written, ['a'])
  logger.info('b')
  other.detach()
  t.strictSame(written, ['a', 'b'], 'another application still wanted it')
  logger.info('c')
  t.strictSame([...written, ...waiting], ['a', 'b'])
})

t.test('lines go to be records, with what is known of the way they are written', async t => {
  const lines: string[] = []
  const dialects: unknown[] = []
  const records: LogSettings['records'] = {
    open (dialect) {
      dialects.push(dialect)
      return { read (line) { lines.push(line) }, flush () { lines.push('flushed') } }
    }
  }
  const logger = pino({ base: null, timestamp: false, messageKey: 'message' }, captureLog().stream)
  const { detach } = attachLogs(logger, settings({ records, correlation: false }))
  logger.info('a')
  detach()
  logger.info('b')
  t.strictSame(lines, ['{"level":30,"message":"a"}\n', 'flushed'])
  t.match(dialects, [{ messageKey: 'message', errorKey: 'err' }])
})

t.test('a logger that is not pino\'s is reported, and nothing is done', async t => {
  const problems: string[] = []
  const { bind, detach } = attachLogs(console, settings({ report: problem => { problems.push(problem) }, file: { open: () => ({ read () {}, flush () {} }) } }))
  t.strictSame(problems, ["log lines carry no trace ids and are not copied: the application's logger is not pino's; use Fastify's own logger, or set { logs: false }"])
  bind(console, CONTEXT)
  detach()
})

t.test('a logger that writes nothing is told from one that does not at the moment', async t => {
  t.equal(isSilent(Fastify().log), true)
  t.equal(isSilent(Fastify({ logger: true }).log), false)
  t.equal(isSilent(pino({ level: 'silent' })), false, 'its level can be raised')
  t.equal(isSilent(console), false)
})
