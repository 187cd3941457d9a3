import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { decode, plainAttributes, plainValue } from '../export/otlp-messages.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { captureLog } from '../fixtures/log-lines.ts'
import { lastingReceiver, otlpReceiver, otlpSpans, type OtlpReceiver } from '../fixtures/otlp-receiver.ts'
import { figures } from '../fixtures/signal-stats.ts'
import { spansOfRequest } from '../recorder/otlp-messages.ts'

/** Log records as plain values, in the order of their arrival. */
function recordsAt (receiver: OtlpReceiver): any[] {
  return receiver.received.filter(({ path }) => path === '/v1/logs')
    .flatMap(({ body }) => decode('LogsRequest', body).resourceLogs)
    .flatMap(({ resource, scopeLogs }) => scopeLogs.flatMap(({ scope, logRecords }: any) => logRecords.map((record: any) => ({
      ...record,
      body: plainValue(record.body),
      attributes: plainAttributes(record.attributes),
      traceId: hexadecimal(record.traceId),
      spanId: hexadecimal(record.spanId),
      scope,
      resource: plainAttributes(resource.attributes)
    }))))
}

function hexadecimal (base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex')
}

function spansAt (receiver: OtlpReceiver): Array<{ traceId: string, spanId: string }> {
  return receiver.received.filter(({ path }) => path === '/v1/traces').flatMap(({ json, body }) => json === undefined
    ? spansOfRequest(body).map(({ traceId, spanId }: any) => ({ traceId, spanId }))
    : otlpSpans(json))
}

interface Observed {
  readonly app: ReturnType<typeof Fastify>
  readonly receiver: OtlpReceiver
}

async function observe (options: LettaOtelOptions, logger: NonNullable<FastifyServerOptions['logger']> = { stream: captureLog().stream }): Promise<Observed> {
  const receiver = await lastingReceiver()
  useEnvironment({ LETTA_DIR: lettaDirectory() })
  const app = Fastify({ logger })
  await app.register(lettaOtel, {
    endpoint: receiver.url, serviceName: 'agent-server', serviceVersion: '3', environment: 'staging', instrumentations: false, logs: { otlp: true }, ...options
  })
  return { app, receiver }
}

for (const engine of ['sdk', 'fast'] as const) {
  t.test(`engine ${engine}: the lines of a request are records of its span`, async t => {
    const { app, receiver } = await observe({ engine })
    app.get('/v1/agents/:agent_id', async (request: FastifyRequest) => {
      request.log.warn({ attempt: 2 }, 'handler')
      throw new RangeError('too far')
    })
    const before = Date.now()
    await app.inject({ url: '/v1/agents/a1?token=hidden', headers: { 'x-organization-id': 'org-1' } })
    t.equal(await app.telemetry.flush(), true)
    const records = recordsAt(receiver)
    t.strictSame(records.map(({ severityText, severityNumber, body }) => [severityText, severityNumber, body]), [
      ['info', 9, 'incoming request'], ['warn', 13, 'handler'], ['error', 17, 'too far'], ['info', 9, 'request completed']
    ])
    const [span] = spansAt(receiver)
    for (const record of records) {
      t.match(record, {
        traceId: span?.traceId,
        spanId: span?.spanId,
        flags: 1,
        scope: { name: 'letta-otel', version: String },
        resource: { 'service.name': 'agent-server', 'deployment.environment.name': 'staging' },
        attributes: { org_id: 'org-1', reqId: 'req-1' }
      })
      for (const nanoseconds of [record.timeUnixNano, record.observedTimeUnixNano]) {
        const time = Number(BigInt(nanoseconds) / 1_000_000n)
        t.ok(time >= before && time <= Date.now())
      }
      for (const name of Object.keys(record.attributes)) t.notMatch(name, /^dd|trace_id|span_id|trace_flags|^(?:pid|hostname|time|level|msg)$/)
    }
    t.match(records[0].attributes.req, { url: '/v1/agents/a1?token=REDACTED' })
    t.match(records[2].attributes, { 'exception.type': 'RangeError', 'exception.message': 'too far', 'exception.stacktrace': /at / })
    t.match(app.telemetry.stats().logs, { exported: 4, failed: 0 })
    await app.close()
  })

  t.test(`engine ${engine}: what is written until the application is closed arrives, Fastify's own lines too`, async t => {
    const { app, receiver } = await observe({ engine })
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const { promise: answer, resolve: finish } = Promise.withResolvers<void>()
    app.get('/slow', async () => {
      resolve()
      await answer
      return 'ok'
    })
    app.addHook('onClose', async (instance: FastifyInstance) => { instance.log.info('the application closes') })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const response = fetch(`${url}/slow`, { headers: { connection: 'close' } })
    await asked
    app.log.info({ big: 'x'.repeat(1024 * 1024) }, 'a long line')
    const closed = app.close()
    finish()
    t.equal((await response).status, 200)
    await closed
    app.log.info('after the end')
    // The runtime that this one replaced may say, through this log, that its receiver is gone.
    const records = recordsAt(receiver).filter(({ body }) => !/ cannot be sent to /.test(body))
    const bodies = records.map(({ body }) => body)
    t.match(bodies, [/^Server listening at/, 'incoming request', 'a long line', 'request completed', 'the application closes'])
    t.equal(bodies.length, 5)
    t.equal(records[2].attributes.big.length, 1024 * 1024)
  })
}

t.test('the environment turns it on and off, and the option wins', async t => {
  const turned: Array<[variable: string, otlp: boolean | undefined, sent: boolean]> = [
    ['otlp', undefined, true], ['console, otlp', undefined, true], ['none', undefined, false], ['none', true, true], ['otlp', false, false], ['', undefined, false]
  ]
  const receiver = await lastingReceiver()
  for (const [index, [variable, otlp]] of turned.entries()) {
    useEnvironment({
      LETTA_DIR: process.env['LETTA_DIR']!, OTEL_LOGS_EXPORTER: variable, OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/other`, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.url}/v1/logs`
    })
    const app = Fastify({ logger: { stream: captureLog().stream } })
    await app.register(lettaOtel, { logs: otlp === undefined ? {} : { otlp }, instrumentations: false })
    app.log.info(`line ${index}`)
    await app.close()
  }
  t.strictSame(recordsAt(receiver).map(({ body }) => body), turned.flatMap(([,, sent], index) => sent ? [`line ${index}`] : []))
})

t.test('applications that share a logger send each line once, and one without logging sends none', async t => {
  const { app, receiver } = await observe({}, false)
  const first = Fastify({ logger: { stream: captureLog().stream } })
  const second = Fastify({ loggerInstance: first.log })
  for (const one of [first, second]) await one.register(lettaOtel, { instrumentations: false, logs: { otlp: true } })
  first.log.info('of the first')
  second.log.info('of the second')
  await first.close()
  second.log.info('still')
  await second.close()
  app.log.info('silent')
  await app.close()
  t.strictSame(recordsAt(receiver).map(({ body }) => body), ['of the first', 'of the second', 'still'])
})

t.test('a logger that writes from a thread of its own, in its own way', async t => {
  const { app, receiver } = await observe({}, {
    transport: { target: 'pino/file', options: { destination: '/dev/null' } },
    messageKey: 'message',
    timestamp: () => ',"timestamp":"2018-07-09T21:17:54.631Z"',
    formatters: {},
    customLevels: { notice: 35 }
  } as any)
  ;(app.log as any).notice({ n: 1 }, 'noticed')
  await app.close()
  t.match(recordsAt(receiver), [{ body: 'noticed', severityText: 'notice', severityNumber: 9, timeUnixNano: '1531171074631000000', attributes: { n: 1 } }])
})

t.test('lines that are no JSON', async t => {
  const { app, receiver } = await observe({}, { stream: { write () {} } as any, hooks: { streamWrite: (line: string) => `pretty ${JSON.parse(line).msg}` } } as any)
  app.log.info('a')
  app.log.info('b')
  await app.close()
  t.strictSame(recordsAt(receiver).map(({ body }) => body), ['pretty a', 'pretty b'])
})

t.test('destinations that take no records', async t => {
  for (const destination of ['memory', 'none'] as const) {
    const { app, receiver } = await observe({ destination })
    app.log.info('line')
    await app.close()
    t.strictSame(recordsAt(receiver), [])
    t.strictSame(app.telemetry.stats().logs, figures())
  }
})

for (const engine of ['sdk', 'fast'] as const) {
  t.test(`engine ${engine}: with destination files, records are lines of logs.json`, async t => {
    const { app, receiver } = await observe({ engine, destination: 'files' })
    app.get('/', async (request: FastifyRequest) => {
      request.log.info({ n: 1 }, 'handler')
      return 'ok'
    })
    await app.inject('/')
    await app.close()
    t.strictSame(recordsAt(receiver), [])
    const read = (name: string): any[] => readFileSync(join(process.env['LETTA_DIR']!, 'logs', name), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))
    const [span] = read('traces.json').flatMap(otlpSpans)
    const requests = read('logs.json')
    t.match(requests[0].resourceLogs[0].resource.attributes.find(({ key }: any) => key === 'service.name'), { value: { stringValue: 'agent-server' } })
    const records = requests.flatMap(({ resourceLogs }) => resourceLogs).flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords }) => logRecords)
    t.strictSame(records.map(({ body, traceId, spanId }) => [body.stringValue, traceId, spanId]), ['incoming request', 'handler', 'request completed']
      .map(body => [body, span.traceId, span.spanId]))
    t.match(records[1].attributes.find(({ key }: any) => key === 'n'), { value: { intValue: '1' } })
    t.strictSame(app.telemetry.stats().logs, figures({ exported: 3 }))
  })
}

t.test('lines that cannot be sent wait on the disk, also where the SDK records', async t => {
  const gone = await otlpReceiver()
  await gone.close()
  const { app } = await observe({ endpoint: gone.url, serviceName: 'away', shutdownTimeoutMs: 3_000 })
  app.log.info('line')
  await app.close()
  t.ok(readdirSync(join(process.env['LETTA_DIR']!, 'spool', 'away', 'logs')).length > 0)
  const { logs } = app.telemetry.stats()
  t.ok(logs.retried > 0)
  t.strictSame(logs, figures({ spooled: 1, retried: logs.retried }))
})
