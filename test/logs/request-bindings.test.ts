import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import pino from 'pino'
import t from 'tap'
import { attachLogs } from '../../lib/logs/attach-logs.ts'
import { LogFieldFormatter } from '../../lib/logs/log-fields.ts'
import { pinoInternals, type PinoInternals } from '../../lib/logs/pino-internals.ts'
import { bindRequest, requestOf, useBindings } from '../../lib/logs/request-bindings.ts'
import { captureLog } from '../fixtures/log-lines.ts'
import { observedApp } from '../request/observed-app.ts'

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
const CONTEXT = trace.setSpanContext(ROOT_CONTEXT, SPAN)
const FIELDS = { ddFormat: 'decimal64', keys: 'flat', service: undefined, env: undefined, version: undefined } as const

/** Counts how often the ids of a span were put into text. */
class CountingFormatter extends LogFieldFormatter {
  texts = 0

  override textOfSpan (...args: Parameters<LogFieldFormatter['textOfSpan']>): string {
    this.texts++
    return super.textOfSpan(...args)
  }
}

t.test('bindings are made with the first line, once for a request and the loggers made from its own', async t => {
  const formatter = new CountingFormatter(FIELDS)
  const application = pino({}, captureLog().stream)
  const internals = pinoInternals(application) as PinoInternals
  const logger = application.child({ reqId: 1 })
  bindRequest(logger, CONTEXT, formatter)
  t.equal(formatter.texts, 0)
  t.equal(requestOf(logger)?.bindings, undefined)
  const child = logger.child({ sub: 1 })
  for (const each of [logger, child, logger, child]) {
    t.equal(useBindings(each, requestOf(each)!, { span: trace.getSpan(CONTEXT), scope: undefined, organization: undefined }, {}, internals), true)
    t.equal(formatter.texts, 1)
  }
  t.match(internals.bindingsOf(child), SPAN.traceId)
})

t.test('a line below the level makes none', async t => {
  const logger = pino({ level: 'info' }, captureLog().stream)
  const { bind } = attachLogs(logger, {
    fields: FIELDS, correlation: true, file: undefined, records: undefined, contextOfLine: () => undefined, report: problem => { throw new Error(problem) }
  })
  const requestLogger = logger.child({ reqId: 1 })
  bind(requestLogger, CONTEXT)
  requestLogger.debug('unseen')
  t.equal(requestOf(requestLogger)?.bindings, undefined)
  requestLogger.info('seen')
  t.ok(requestOf(requestLogger)?.bindings)
})

t.test('a request that logs nothing makes none', async t => {
  const log = captureLog()
  const made: Record<string, boolean> = {}
  const { app } = await observedApp(t, app => {
    app.addHook('onResponse', async request => {
      const bound = requestOf(request.log)
      if (bound === undefined) throw new Error('the logger is not bound')
      made[request.url] = bound.bindings !== undefined
    })
    app.get('/quiet', async () => 'ok')
    app.get('/logs', async request => { request.log.info('a line') })
  }, {}, { logger: { stream: log.stream }, disableRequestLogging: true })
  for (const url of ['/quiet', '/logs', '/quiet?again']) await app.inject(url)
  t.strictSame(made, { '/quiet': false, '/logs': true, '/quiet?again': false })
})
