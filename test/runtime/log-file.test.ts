import Fastify, { type FastifyInstance } from 'fastify'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { captureLog } from '../fixtures/log-lines.ts'
import { lastingReceiver } from '../fixtures/otlp-receiver.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Generous: what is claimed is that nothing is missing, not how long it takes. */
const SHUTDOWN = { shutdownTimeoutMs: 20_000 }

function linesIn (directory: string): any[] {
  return readFileSync(join(directory, 'logs/Letta.log'), 'utf8').trim().split('\n').map(text => JSON.parse(text))
}

t.test('an application with destination files writes Letta.log', async t => {
  const directory = temporaryDirectory(t)
  useEnvironment({ LETTA_DIR: directory, NODE_ENV: 'test' })
  const log = captureLog()
  const app = Fastify({ logger: { stream: log.stream } })
  await app.register(lettaOtel, { destination: 'files', serviceName: 'agent-server', serviceVersion: '3', environment: 'staging', instrumentations: false, ...SHUTDOWN })
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
  useEnvironment({ LETTA_DIR: join(temporaryDirectory(t, { file: '' }), 'file'), NODE_ENV: 'test' })
  const log = captureLog()
  const app = Fastify({ logger: { stream: log.stream } })
  await app.register(lettaOtel, { destination: 'memory', logs: { file: true }, instrumentations: false, ...SHUTDOWN })
  app.get('/', async () => 'ok')
  for (let n = 0; n < 5; n++) t.equal((await app.inject('/')).statusCode, 200)
  await app.telemetry.flush()
  t.equal(log.lines.filter(({ level, msg }) => level === 40 && /^log lines cannot be written to .*Letta\.log: ENOTDIR/.test(msg)).length, 1)
  t.ok(app.telemetry.stats().logFileDroppedBytes > 1_000)
  await app.close()
})

for (const engine of ['fast', 'sdk'] as const) {
  for (const destination of ['otlp', 'files', 'memory', 'none'] as const) {
    t.test(`engine ${engine}, destination ${destination}: all lines until the application is closed are in the file, in order`, async t => {
      const directory = temporaryDirectory(t)
      useEnvironment({ LETTA_DIR: directory, NODE_ENV: 'test' })
      const receiver = await lastingReceiver()
      const options: LettaOtelOptions = {
        engine,
        destination,
        logs: { file: true, otlp: true },
        instrumentations: false,
        serviceName: 'agent-server',
        redactQuery: ['ticket'],
        ...destination === 'otlp' && { endpoint: receiver.url },
        ...SHUTDOWN
      }
      const app = Fastify({ logger: { stream: captureLog().stream } }) as unknown as FastifyInstance
      await app.register(lettaOtel, options)
      app.addHook('onClose', async instance => { instance.log.info('the application closes') })
      const count = 3_000
      for (let n = 0; n < count; n++) app.log.info({ filler: 'ключ '.repeat(20) }, `line ${n}`)
      app.log.info({ req: { url: '/a?ticket=hidden' } }, 'with a secret')
      await app.close()
      const lines = linesIn(directory)
      t.strictSame(lines.map(({ message }) => message), [...Array.from({ length: count }, (_, n) => `line ${n}`), 'with a secret', 'the application closes'])
      t.strictSame(lines[count].req, { url: '/a?ticket=REDACTED' })
      t.equal(lines[0].logger, 'agent-server')
      const { logs, logFileDroppedBytes } = app.telemetry.stats()
      t.match({ exported: logs.exported, failed: logs.failed }, { exported: destination === 'otlp' || destination === 'files' ? count + 2 : 0, failed: 0 }, 'lines of the file are no records')
      t.equal(logFileDroppedBytes, 0)
      t.equal(receiver.received.some(({ path }) => path === '/v1/logs'), destination === 'otlp')
    })
  }
}

t.test('applications that share a logger write each line once', async t => {
  const directory = temporaryDirectory(t)
  useEnvironment({ LETTA_DIR: directory, NODE_ENV: 'test' })
  const first = Fastify({ logger: { stream: captureLog().stream } })
  const second = Fastify({ loggerInstance: first.log })
  for (const one of [first, second]) await one.register(lettaOtel, { destination: 'memory', logs: { file: true }, instrumentations: false, ...SHUTDOWN })
  first.log.info('of the first')
  second.log.info('of the second')
  await first.close()
  second.log.info('still')
  await second.close()
  second.log.info('after the end')
  t.strictSame(linesIn(directory).map(({ message }) => message), ['of the first', 'of the second', 'still'])
})
