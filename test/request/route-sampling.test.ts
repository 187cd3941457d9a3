import { SpanKind, context, createContextKey, trace } from '@opentelemetry/api'
import { TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { REQUEST_SAMPLING_KEY } from '../../lib/vocabulary/sampling.ts'
import { ENGINES, exportingApp } from './exporting-app.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const caller = (flags: string): Record<string, string> => ({ traceparent: `00-${TRACE}-b7ad6b7169203331-${flags}` })
const REQUESTS = 400

const telemetry = (sampleRatio: number): { config: { telemetry: { sampleRatio: number } } } => ({ config: { telemetry: { sampleRatio } } })

function routes (app: FastifyInstance): void {
  app.get('/some', telemetry(0.25), async request => request.telemetry.traceId)
  app.get('/none', telemetry(0), async request => request.telemetry.traceId)
  app.get('/all', telemetry(1), async request => {
    trace.getTracer('inside').startActiveSpan('inside', span => { span.end() })
    return request.telemetry.traceId
  })
  app.get('/plain', async request => request.telemetry.traceId)
}

for (const engine of ENGINES) {
  t.test(`${engine}: a share of the requests to a route is sampled, by trace id`, async t => {
    const { app, spans } = await exportingApp(t, engine, routes)
    const traceIds = await Promise.all(Array.from({ length: REQUESTS }, async () => (await app.inject('/some')).body))
    await Promise.all(Array.from({ length: 20 }, async () => { await app.inject('/plain') }))
    const found = await spans()
    const sampler = new TraceIdRatioBasedSampler(0.25)
    const expected = traceIds.filter(traceId => sampler.shouldSample(context.active(), traceId).decision === 2)
    t.strictSame(found.filter(({ name }) => name === 'GET /some').map(({ traceId }) => traceId).sort(), expected.sort())
    t.ok(expected.length > REQUESTS / 10 && expected.length < REQUESTS / 2, `${expected.length} of ${REQUESTS}`)
    t.equal(found.filter(({ name }) => name === 'GET /plain').length, 20, 'other routes are as they were')
  })

  t.test(`${engine}: a caller that has decided is followed, one that is not trusted is not`, async t => {
    const { app, spans } = await exportingApp(t, engine, routes, { trustIncoming: request => request.headers['x-trusted'] !== 'no' })
    await app.inject({ url: '/none', headers: caller('01') })
    await app.inject({ url: '/all', headers: caller('00') })
    await app.inject({ url: '/none', headers: { ...caller('01'), 'x-trusted': 'no' } })
    await app.inject({ url: '/all', headers: { ...caller('00'), 'x-trusted': 'no' } })
    const found = await spans()
    t.strictSame(found.map(({ name, kind }) => [name, kind]).sort(), [['GET /all', 2], ['GET /none', 2], ['inside', 1]])
    t.equal(found.find(({ name }) => name === 'GET /none')?.['traceId'], TRACE)
    t.not(found.find(({ name }) => name === 'GET /all')?.['traceId'], TRACE)
  })

  t.test(`${engine}: a route's ratio wins over the process's, and not over always_off`, async t => {
    for (const [env, names] of [
      [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, ['GET /all', 'inside']],
      [{ OTEL_TRACES_SAMPLER: 'always_on' }, ['GET /all', 'GET /plain', 'inside']],
      [{ OTEL_TRACES_SAMPLER: 'always_off' }, []],
      [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, []]
    ] as Array<[Record<string, string>, string[]]>) {
      const { app, spans } = await exportingApp(t, engine, routes, {}, env)
      for (const url of ['/all', '/none', '/plain']) await app.inject(url)
      t.strictSame((await spans()).map(({ name }) => name).sort(), names, JSON.stringify(env))
      await app.close()
    }
  })

  t.test(`${engine}: what a route asks for concerns its server span alone`, async t => {
    const seen: unknown[] = []
    const { app, spans } = await exportingApp(t, engine, app => {
      app.get('/none', telemetry(0), async () => {
        seen.push(context.active().getValue(createContextKey(REQUEST_SAMPLING_KEY)))
        // A trace of its own, which no route decides about.
        trace.getTracer('inside').startSpan('job', { root: true, kind: SpanKind.SERVER }).end()
      })
    })
    await app.inject('/none')
    await app.inject({ url: '/none', headers: caller('00') })
    t.strictSame(seen, [undefined, undefined])
    t.strictSame((await spans()).map(({ name }) => name), ['job', 'job'])
  })
}
