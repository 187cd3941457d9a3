import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import pino from 'pino'
import t, { type Test } from 'tap'
import lettaOtel, { addContextAttribute, type LettaOtelOptions } from '../../lib/index.ts'
import { finishedSpans, metrics, reset } from '../../lib/testing.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { captureLog, type LogCapture } from '../fixtures/log-lines.ts'
import { isStanding } from '../fixtures/self-metrics.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

useEnvironment({ NODE_ENV: 'test' })

const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e'
type Logging = Pick<FastifyServerOptions, 'childLoggerFactory' | 'disableRequestLogging'> & { logger?: object }

async function start (t: Test, server: Logging = {}, options: LettaOtelOptions = {}): Promise<{ app: FastifyInstance, log: LogCapture }> {
  const log = captureLog()
  const app = Fastify({ ...server, logger: { stream: log.stream, ...server.logger } }) as unknown as FastifyInstance
  await observe(t, app, options)
  return { app, log }
}

async function observe (t: Test, app: FastifyInstance, options: LettaOtelOptions = {}): Promise<void> {
  await app.register(lettaOtel, { destination: 'memory', serviceName: 'agent-server', serviceVersion: '3', environment: 'staging', instrumentations: false, ...options })
  t.teardown(async () => { await app.close() })
  await reset()
}

/** What a line of the only request has to carry. */
function idsOfSpan (): Record<string, unknown> {
  const [span, ...more] = finishedSpans().filter(({ kind }) => kind === 'SERVER')
  if (span === undefined || more.length > 0) throw new Error(`${more.length + 1} server spans`)
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    trace_flags: '01',
    'dd.trace_id': BigInt(`0x${span.traceId.slice(16)}`).toString(),
    'dd.span_id': BigInt(`0x${span.spanId}`).toString(),
    'dd.service': 'agent-server',
    'dd.env': 'staging',
    'dd.version': '3'
  }
}

const messages = ({ lines }: LogCapture): string[] => lines.map(({ msg }) => msg)

t.test('every line of a request: Fastify\'s own, the handler\'s, the application\'s, those of children', async t => {
  const { app, log } = await start(t)
  app.get('/v1/agents/:id', async request => {
    request.log.info('request.log')
    app.log.info('app.log')
    request.log.child({ sub: 1 }).child({ deep: 2 }).info('sub child')
    app.log.child({ mine: true }).info('child of app.log')
    await setTimeout(1)
    app.log.info('after a timer')
    return Readable.from((async function * () {
      app.log.info('in a stream')
      yield 'ok'
    })())
  })
  app.log.info('outside')
  await app.inject({
    url: `/v1/agents/agent-${UUID}?block=block-${UUID}`,
    headers: { user_id: 'user-1', 'x-organization-id': 'org-1', 'x-project-id': 'project-1' }
  })
  await log.next('request completed')
  app.log.info('outside again')
  t.strictSame(messages(log), [
    'outside', 'incoming request', 'request.log', 'app.log', 'sub child', 'child of app.log', 'after a timer', 'in a stream', 'request completed', 'outside again'
  ])
  const expected = {
    ...idsOfSpan(), actor_id: 'user-1', org_id: 'org-1', project_id: 'project-1', agent_id: `agent-${UUID}`, block_id: `block-${UUID}`
  }
  for (const line of log.lines) {
    if (line['msg'].startsWith('outside')) t.notOk(['trace_id', 'span_id', 'trace_flags', 'dd.trace_id', 'dd.service', 'agent_id', 'org_id'].some(name => name in line), line['msg'])
    else t.match(line, expected, line['msg'])
  }
  t.match(log.line('sub child'), { sub: 1, deep: 2 })
})

t.test('who the user is is on lines and on the span, never on metrics', async t => {
  const { app, log } = await start(t)
  app.get('/', async () => 'ok')
  await app.inject({ url: '/', headers: { user_id: 'user-1', 'x-agent-id': 'agent-1' } })
  for (const { actor_id: actor } of log.lines) t.equal(actor, 'user-1')
  t.match(finishedSpans()[0]?.attributes, { 'user.id': 'user-1', 'agent.id': 'agent-1' })
  const points = (await metrics()).filter(metric => !isStanding(metric)).flatMap(metric => metric.points)
  t.equal(points.length, 3)
  for (const { attributes } of points) t.notMatch(JSON.stringify(attributes), 'user-1')
  t.equal(points.filter(({ attributes }) => attributes['agent.id'] === 'agent-1').length, 2)
})

t.test('lines within work for another organization belong to that one, by whichever logger; those around it do not', async t => {
  const { app, log } = await start(t)
  const { telemetry } = app
  app.get('/', async request => {
    request.log.info('before')
    await telemetry.run({ organizationId: 'org-B' }, async run => {
      request.log.info('run, request.log')
      request.log.child({ sub: 1 }).info('run, child')
      app.log.info('run, app.log')
      await run.step(async step => await step.tool({ name: 'x' }, async () => { request.log.info('tool') }))
      // A context for somebody else in which the request's own span is active again.
      context.with(trace.setSpan(context.active(), request.telemetry.span), () => { request.log.info('span of the request') })
    })
    request.log.info('after')
  })
  app.get('/by-hand', async request => {
    request.log.info('before, by hand')
    const run = telemetry.startRun({ organizationId: 'org-B' })
    request.log.info('by hand')
    run.end()
    request.log.info('after, by hand')
  })
  app.get('/nobody', async () => await telemetry.run({ organizationId: 'org-B' }, async () => { app.log.info('asked by nobody') }))
  await app.inject({ url: '/', headers: { 'x-organization-id': 'org-A' } })
  await app.inject({ url: '/by-hand', headers: { 'x-organization-id': 'org-A' } })
  await app.inject({ url: `/nobody?o=org-${UUID}` })
  context.with(ROOT_CONTEXT, () => { telemetry.run({ organizationId: 'org-B' }, () => { app.log.info('without a request') }) })
  const owner = (msg: string): unknown => log.line(msg)['org_id']
  for (const msg of ['before', 'after', 'before, by hand', 'after, by hand']) t.equal(owner(msg), 'org-A', msg)
  for (const msg of ['run, request.log', 'run, child', 'run, app.log', 'tool', 'span of the request', 'by hand', 'asked by nobody', 'without a request']) t.equal(owner(msg), 'org-B', msg)
})

t.test('what is added to the request is on lines from then on', async t => {
  const { app, log } = await start(t)
  app.get('/', async request => {
    request.log.info('before')
    addContextAttribute('project.id', 'late')
    addContextAttribute('my.own', 7)
    request.log.info('after')
  })
  await app.inject('/')
  t.notOk('project_id' in log.line('before'))
  t.match(log.line('after'), { project_id: 'late', 'my.own': 7 })
  t.match(await log.next('request completed'), { project_id: 'late' })
})

t.test('a span inside the request gives its own id', async t => {
  const { app, log } = await start(t)
  app.get('/', async request => {
    trace.getTracer('app').startActiveSpan('inner', span => {
      request.log.info('inside')
      span.end()
    })
  })
  await app.inject('/')
  const inner = finishedSpans().find(({ name }) => name === 'inner')
  t.match(log.line('inside'), { trace_id: inner?.traceId, span_id: inner?.spanId })
})

t.test('the ids are on a line once, whichever span is active, and wherever its logger was made', async t => {
  const { app, log } = await start(t)
  app.get('/', async request => {
    const outer = request.log.child({ made: 'outside' })
    request.log.info('1')
    trace.getTracer('app').startActiveSpan('inner', span => {
      request.log.info('2')
      request.log.child({ made: 'inside' }).info('3')
      outer.info('4')
      span.end()
    })
    outer.info('5')
    outer.info({ span_id: 'mine' }, '6')
    request.log.info('7')
    const log = request.log as pino.Logger
    log.setBindings({ set: 'later' })
    request.log.info('8')
    request.log.child({ trace_id: 'bound' }).info('9')
  })
  await app.inject('/')
  await log.next('request completed')
  const server = idsOfSpan()
  const inner = finishedSpans().find(({ name }) => name === 'inner')
  for (const line of log.texts) {
    for (const name of Object.keys(server)) t.equal(line.split(`"${name}":`).length, 2, `${name} once in ${line}`)
  }
  for (const msg of ['1', '5', '7', '8', 'incoming request', 'request completed']) t.match(log.line(msg), server, msg)
  for (const msg of ['2', '3', '4']) t.match(log.line(msg), { trace_id: inner?.traceId, span_id: inner?.spanId }, msg)
  t.match(log.line('3'), { made: 'inside' })
  t.match(log.line('5'), { made: 'outside' })
  t.match(log.line('6'), { ...server, span_id: 'mine', made: 'outside' })
  t.match(log.line('8'), { set: 'later' })
  t.match(log.line('9'), { ...server, trace_id: 'bound' })
})

t.test('what the user has rewritten stays so: redact, serializers and formatters see every field', async t => {
  const { app, log } = await start(t, {
    logger: {
      redact: ['org_id'],
      serializers: { project_id: () => 'serialized' },
      formatters: { log: (fields: Record<string, unknown>) => ({ ...fields, seen: fields['trace_id'] }) }
    }
  })
  app.get('/', async request => {
    request.log.info('line')
    request.log.child({}, { redact: ['org_id'] }).info('child')
  })
  await app.inject({ url: '/', headers: { 'x-organization-id': 'secret', 'x-project-id': 'p' } })
  const { trace_id: traceId } = idsOfSpan()
  for (const msg of ['incoming request', 'line', 'child']) {
    t.match(log.line(msg), { org_id: '[Redacted]', project_id: 'serialized', seen: traceId, trace_id: traceId }, msg)
  }
  t.notOk(log.texts.some(line => line.includes('secret')))
})

t.test('only a child redacts', async t => {
  const { app, log } = await start(t)
  app.get('/', async request => {
    (request.log as pino.Logger).child({}, { redact: ['org_id'] }).info('child')
    request.log.info('line')
  })
  await app.inject({ url: '/', headers: { 'x-organization-id': 'org-1' } })
  t.equal(log.line('child')['org_id'], '[Redacted]')
  t.equal(log.line('line')['org_id'], 'org-1')
})

t.test('a logger that serves several requests carries the ids of each', async t => {
  let shared: FastifyBaseLogger | undefined
  const { app, log } = await start(t, { childLoggerFactory: (logger, bindings, options) => (shared ??= logger.child({ tenant: 1, ...bindings }, options)) })
  app.get('/:n', async request => {
    request.log.info(`in ${(request.params as { n: string }).n}`)
    request.log.child({ made: 1 }).info(`child in ${(request.params as { n: string }).n}`)
  })
  for (const n of ['1', '2', '3']) await app.inject(`/${n}`)
  await log.next('request completed')
  for (const [index, span] of finishedSpans().entries()) {
    t.equal(log.line(`in ${index + 1}`)['trace_id'], span.traceId)
    t.equal(log.line(`child in ${index + 1}`)['trace_id'], span.traceId)
  }
  for (const line of log.texts) t.equal(line.split('"trace_id":').length, 2, line)
})

t.test('a name within something that is bound is not bound itself', async t => {
  const { app, log } = await start(t)
  app.get('/', async request => { request.log.child({ job: { trace_id: 'j', span_id: 's' } }).info('line') })
  await app.inject('/')
  t.match(log.line('line'), { ...idsOfSpan(), job: { trace_id: 'j' } })
})

t.test('a span outside any request gives its ids', async t => {
  const { app, log } = await start(t)
  trace.getTracer('app').startActiveSpan('job', span => {
    app.log.info('in a job')
    span.end()
  })
  t.equal(log.line('in a job')['span_id'], finishedSpans()[0]?.spanId)
})

t.test('values of the user\'s own win: of the line, of a child, of a mixin', async t => {
  const { app, log } = await start(t, { logger: { mixin: (merged: object, level: number) => ({ mixed: level, span_id: 'mixin', ...('tag' in merged && { tagged: true }) }) } })
  app.get('/', async request => {
    request.log.info({ trace_id: 'mine', tag: 1 }, 'line')
    request.log.child({ agent_id: 'child' }).info('child')
  })
  await app.inject('/')
  t.match(log.line('line'), { trace_id: 'mine', span_id: 'mixin', mixed: 30, tagged: true, 'dd.service': 'agent-server' })
  t.match(log.line('child'), { agent_id: 'child', mixed: 30 })
})

t.test('lines after the response, from timers and from events of other contexts', async t => {
  const { app, log } = await start(t)
  const elsewhere = Promise.withResolvers<void>()
  app.get('/', async request => {
    globalThis.setTimeout(() => { request.log.info('timer') }, 5)
    elsewhere.promise.then(() => {}, () => {})
    outside = () => { request.log.info('from elsewhere') }
    return 'ok'
  })
  let outside = (): void => {}
  await app.inject('/')
  outside()
  await log.next('timer')
  t.match(log.line('timer'), idsOfSpan())
  t.match(log.line('from elsewhere'), idsOfSpan(), 'the request\'s own logger knows its request')
})

t.test('404s of the default handler, in every line', async t => {
  const { app, log } = await start(t)
  await app.inject(`/nowhere/agent-${UUID}`)
  t.strictSame(messages(log), ['incoming request', `Route GET:/nowhere/agent-${UUID} not found`, 'request completed'])
  for (const line of log.lines) t.match(line, { ...idsOfSpan(), agent_id: `agent-${UUID}` }, line['msg'])
})

t.test('errors: thrown, and refused by a schema', async t => {
  const { app, log } = await start(t)
  app.get('/throw', async () => { throw new Error('broken') })
  app.get('/schema', { schema: { querystring: { type: 'object', required: ['q'] } } }, async () => 'ok')
  for (const [url, message] of [['/throw', 'broken'], ['/schema', "querystring must have required property 'q'"]] as const) {
    await reset()
    log.lines.length = 0
    await app.inject(url)
    t.strictSame(messages(log), ['incoming request', message, 'request completed'])
    for (const line of log.lines) t.match(line, idsOfSpan(), line['msg'])
  }
})

t.test('a client that goes away: its lines carry the ids too', async t => {
  const { app, log } = await start(t)
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  app.get('/', (request, reply) => {
    request.raw.on('close', () => { request.log.info('client gone') })
    reply.raw.on('close', () => { resolve() })
    reply.raw.write('partial')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  await gone
  await log.next('client gone')
  app.log.info('a line of nobody')
  t.match(log.line('incoming request'), idsOfSpan())
  t.match(log.line('client gone'), idsOfSpan())
  t.notOk('trace_id' in log.line('a line of nobody'))
})

t.test('routes that are left out carry no ids', async t => {
  const { app, log } = await start(t)
  app.get('/v1/health', async request => {
    request.log.info('healthy')
    app.log.info('app.log')
  })
  app.get('/off', { config: { telemetry: false } }, async request => { request.log.info('off') })
  await app.inject({ url: '/v1/health', headers: { 'x-agent-id': 'agent-1' } })
  await app.inject(`/off?x=agent-${UUID}`)
  t.equal(log.lines.length, 7)
  for (const line of log.lines) t.strictSame(['trace_id', 'dd.trace_id', 'agent_id'].filter(name => name in line), [], line['msg'])
})

t.test('nested keys and hexadecimal ids', async t => {
  const { app, log } = await start(t, {}, { logs: { keys: 'nested', ddFormat: 'hex128' } })
  app.get('/', async () => 'ok')
  await app.inject('/')
  const [span] = finishedSpans()
  for (const line of log.lines) {
    t.strictSame(line['dd'], { trace_id: span?.traceId, span_id: BigInt(`0x${span?.spanId}`).toString(), service: 'agent-server', env: 'staging', version: '3' })
    t.notOk('dd.trace_id' in line)
  }
})

t.test('correlation: false, or logs: false, leaves lines alone', async t => {
  for (const logs of [false, { correlation: false }] as const) {
    const { app, log } = await start(t, {}, { logs })
    app.get('/', async request => { request.log.info('handler') })
    await app.inject({ url: '/', headers: { 'x-agent-id': 'a' } })
    t.strictSame(log.lines.filter(line => 'trace_id' in line || 'agent_id' in line), [])
    t.equal(log.lines.length, 3)
  }
})

t.test('disableRequestLogging', async t => {
  const { app, log } = await start(t, { disableRequestLogging: true })
  app.get('/', async request => { request.log.info('handler') })
  await app.inject('/')
  t.strictSame(messages(log), ['handler'])
  t.match(log.lines[0], idsOfSpan())
})

t.test('serializers of the user\'s', async t => {
  const { app, log } = await start(t, { logger: { serializers: { req: () => ({ hidden: true }), res: () => 'reply' } } })
  app.get('/', async () => 'ok')
  await app.inject('/')
  t.match(log.line('incoming request'), { ...idsOfSpan(), req: { hidden: true } })
  t.match(log.line('request completed'), { ...idsOfSpan(), res: 'reply' })
})

t.test('a child-logger factory of the user\'s, as an option and in a child plugin', async t => {
  const { app, log } = await start(t, { childLoggerFactory: (logger, bindings, opts) => logger.child({ ...bindings, made: 'option' }, opts) })
  app.get('/outer', async () => 'ok')
  await app.register(async child => {
    child.setChildLoggerFactory((logger, bindings, opts) => logger.child({ ...bindings, made: 'child plugin' }, opts))
    child.get('/inner', async request => { request.log.info('inner') })
  })
  for (const [url, made, count] of [['/outer', 'option', 2], ['/inner', 'child plugin', 3], ['/404', 'option', 3]] as const) {
    await reset()
    log.lines.length = 0
    await app.inject(url)
    t.equal(log.lines.length, count)
    for (const line of log.lines) t.match(line, { ...idsOfSpan(), made }, `${url}: ${line['msg']}`)
  }
})

t.test('a logger instance, shared by two applications that come and go', async t => {
  const log = captureLog()
  const loggerInstance = pino({}, log.stream)
  const before = Object.getOwnPropertySymbols(loggerInstance).length
  const apps = []
  for (let n = 0; n < 3; n++) {
    const app = Fastify({ loggerInstance }) as unknown as FastifyInstance
    await observe(t, app)
    app.get('/', async request => { request.log.info(`handler ${n}`) })
    apps.push(app)
  }
  for (const [n, app] of apps.entries()) {
    await reset()
    log.lines.length = 0
    await app.inject('/')
    t.strictSame(messages(log), ['incoming request', `handler ${n}`, 'request completed'])
    for (const line of log.lines) t.match(line, idsOfSpan(), line['msg'])
  }
  t.equal(Object.getOwnPropertySymbols(loggerInstance).length, before, 'the user\'s logger itself is not touched')
})

t.test('one logger under hundreds of applications, one after the other, stays as quick as it was', async t => {
  const log = captureLog()
  let mixed = 0
  const shared = Fastify({ logger: { stream: log.stream, mixin: () => ({ mixed: ++mixed }) } }).log
  for (let n = 0; n < 300; n++) {
    const app = Fastify({ loggerInstance: shared })
    await app.register(lettaOtel, { destination: 'memory', serviceName: 'agent-server', serviceVersion: '3', environment: 'staging', instrumentations: false })
    await app.close()
  }
  const app = Fastify({ loggerInstance: shared }) as unknown as FastifyInstance
  await observe(t, app)
  app.get('/', async () => 'ok')
  log.lines.length = 0
  mixed = 0
  await app.inject('/')
  t.equal(mixed, 2, 'the user\'s mixin is asked once a line')
  for (const line of log.lines) t.match(line, idsOfSpan(), line['msg'])
})

t.test('a transport in a worker', async t => {
  const path = join(temporaryDirectory(t), 'app.log')
  const transport = pino.transport({ target: 'pino/file', options: { destination: path } })
  const app = Fastify({ loggerInstance: pino({}, transport) }) as unknown as FastifyInstance
  await observe(t, app)
  app.get('/', async request => { request.log.info('handler') })
  await app.inject('/')
  await app.close()
  const closed = once(transport, 'close')
  transport.end()
  // The worker alone does not keep a process alive.
  const alive = setInterval(() => {}, 1_000)
  await closed
  clearInterval(alive)
  const lines = readFileSync(path, 'utf8').trim().split('\n').map(line => JSON.parse(line))
  t.strictSame(lines.map(({ msg }) => msg), ['incoming request', 'handler', 'request completed'])
  for (const line of lines) t.match(line, idsOfSpan(), line.msg)
})

t.test('a logger that is not pino\'s is reported once; requests go on', async t => {
  const warned: string[] = []
  const none = (): void => {}
  const loggerInstance = { level: 'info', fatal: none, error: none, info: none, debug: none, trace: none, silent: none, warn: (text: string) => { warned.push(text) }, child: (): FastifyBaseLogger => Object.create(loggerInstance) }
  for (let n = 0; n < 2; n++) {
    const app = Fastify({ loggerInstance }) as unknown as FastifyInstance
    await observe(t, app)
    app.get('/', async () => 'ok')
    t.equal((await app.inject('/')).body, 'ok')
  }
  t.strictSame(warned, ["log lines carry no trace ids and are not copied: the application's logger is not pino's; " +
    'use Fastify\'s own logger, or set { logs: false }'])
})

t.test('without a logger there is nothing to report', async t => {
  const warnings: unknown[] = []
  const onWarning = (warning: unknown): void => { warnings.push(warning) }
  process.on('warning', onWarning)
  t.teardown(() => { process.off('warning', onWarning) })
  const app = Fastify() as unknown as FastifyInstance
  await observe(t, app)
  app.get('/', async () => 'ok')
  t.equal((await app.inject('/')).body, 'ok')
  await setTimeout(0)
  t.strictSame(warnings, [])
})

t.test('a line about another request than the one being served carries that one\'s ids', async t => {
  const log = captureLog()
  const app = Fastify({ loggerInstance: pino({}, log.stream) }) as unknown as FastifyInstance
  await observe(t, app)
  app.get('/outer', async request => ({ outer: request.telemetry.traceId, inner: (await app.inject('/inner')).body }))
  app.get('/inner', async request => request.telemetry.traceId)
  const { outer, inner } = (await app.inject('/outer')).json()
  t.not(outer, inner)
  const incoming = log.lines.filter(({ msg }) => msg === 'incoming request')
  t.strictSame(incoming.map(line => line['trace_id']), [outer, inner])
})

t.test('what a user bound to a logger is there once, as it was bound', async t => {
  const lines: string[] = []
  const app = Fastify({ loggerInstance: pino({}, { write (line: string) { lines.push(line) } }) }) as unknown as FastifyInstance
  await observe(t, app)
  app.get('/agents/:id', async request => {
    request.log.child({ agent_id: 'mine', trace_id: 'mine' }).info('bound')
    return 'ok'
  })
  await app.inject('/agents/agent-0af76519-16cd-43dd-8448-eb211c80319c')
  const line = lines.find(text => text.includes('"bound"')) as string
  t.match(JSON.parse(line), { agent_id: 'mine', trace_id: 'mine', span_id: /^[0-9a-f]{16}$/ })
  t.equal(line.split('"trace_id":').length, 2)
})

t.test('a logger that takes no property, and a line that cannot be looked at', async t => {
  const log = captureLog()
  const app = Fastify({
    loggerInstance: pino({ serializers: { req: () => 'req' } }, log.stream),
    childLoggerFactory: (logger, bindings, options) => Object.freeze(logger.child(bindings, options))
  }) as unknown as FastifyInstance
  await observe(t, app)
  const odd = { get raw () { throw new Error('no') }, server: app }
  app.get('/', async request => { request.log.info({ req: odd }, 'odd'); return 'ok' })
  t.equal((await app.inject('/')).statusCode, 200)
  t.equal(log.line('odd')['req'], 'req')
})
