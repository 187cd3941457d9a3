import { context, trace, type Attributes } from '@opentelemetry/api'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { once } from 'node:events'
import http, { createServer, get, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { LettaOtelOptions } from '../../lib/options.ts'
import type { FinishedSpan } from '../../lib/runtime/memory-destination.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'

useEnvironment({})

const originalRequest = http.request

function start (t: Test, options: LettaOtelOptions = {}): Runtime {
  const runtime = new Runtime(runtimeOptions({ destination: 'memory', ...options }), problem => { throw new Error(problem) })
  t.teardown(async () => { await runtime.shutdown(1_000) })
  return runtime
}

/** A server that remembers the headers it was sent. */
async function listen (t: Test): Promise<{ url: string, headers: IncomingHttpHeaders[], close: () => Promise<void> }> {
  const headers: IncomingHttpHeaders[] = []
  const server = createServer((incoming, response) => {
    headers.push(incoming.headers)
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  async function close (): Promise<void> {
    server.closeAllConnections()
    await new Promise(resolve => { server.close(resolve) })
  }
  t.teardown(close)
  return { close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers }
}

async function consume (response: IncomingMessage): Promise<void> {
  response.resume()
  await once(response, 'close')
}

/** Runs `work` under a span, and gives that span and the only other one. */
async function below (runtime: Runtime, work: () => Promise<void>): Promise<[parent: FinishedSpan, child: FinishedSpan]> {
  await runtime.memory!.reset()
  await trace.getTracer('app').startActiveSpan('parent', async parent => {
    await work()
    parent.end()
  })
  const spans = runtime.memory!.finishedSpans()
  const parent = spans.find(({ name }) => name === 'parent')!
  const [child, ...more] = spans.filter(span => span !== parent)
  if (child === undefined || more.length > 0) throw new Error(`not one span but: ${spans.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`)
  return [parent, child]
}

const calls: Record<string, (url: string) => Promise<void>> = {
  'request, imported by name': async url => { await consume((await once(request(url).end(), 'response'))[0]) },
  'get, imported by name': async url => { await consume((await once(get(url), 'response'))[0]) },
  'http.request of the default import': async url => { await consume((await once(http.request(url).end(), 'response'))[0]) },
  fetch: async url => { await (await fetch(url)).text() }
}

// First: the hook on require() knows of http as long as nobody was told of it.
t.test('an instrumentation that the user brings replaces ours', async t => {
  const runtime = start(t, {
    instrumentations: [new HttpInstrumentation({ disableIncomingRequestInstrumentation: true, requestHook: span => { span.setAttribute('mine', true) } })]
  })
  const { url } = await listen(t)
  const [, child] = await below(runtime, async () => { await calls['request, imported by name']!(url) })
  t.equal(child.attributes['mine'], true)
  const [, fetched] = await below(runtime, async () => { await calls['fetch']!(url) })
  t.equal(fetched.kind, 'CLIENT')
})

for (const [name, call] of Object.entries(calls)) {
  t.test(`${name}: one client span below the caller's, which the other side is told of`, async t => {
    const runtime = start(t)
    const { url, headers } = await listen(t)
    const [parent, child] = await below(runtime, async () => { await call(`${url}/path`) })
    t.equal(child.kind, 'CLIENT')
    t.equal(child.traceId, parent.traceId)
    t.equal(child.parentSpanId, parent.spanId)
    t.match(child.attributes, { 'http.request.method': 'GET', 'http.response.status_code': 200, 'server.address': '127.0.0.1', 'url.full': `${url}/path` })
    t.equal(headers[0]?.['traceparent'], `00-${child.traceId}-${child.spanId}-01`)
  })

  t.test(`${name}: secrets of a query are not kept`, async t => {
    const runtime = start(t, { redactQuery: ['Session'] })
    const { url } = await listen(t)
    const query = 'model=gpt&Token=S3CR3T&api_key=S3CR3T&session=S3CR3T&X-Amz-Signature=S3CR3T&sig=S3CR3T'
    const [, child] = await below(runtime, async () => { await call(`${url}/path?${query}`) })
    const kept: Attributes = child.attributes
    t.notMatch(JSON.stringify(kept), 'S3CR3T')
    t.match(kept['url.full'], `${url}/path?model=gpt&Token=REDACTED&api_key=REDACTED&session=REDACTED&X-Amz-Signature=REDACTED&sig=REDACTED`)
  })
}

t.test('a call that fails is an error', async t => {
  const runtime = start(t)
  const { url, close } = await listen(t)
  await close()
  const [, fetched] = await below(runtime, async () => { await t.rejects(fetch(url)) })
  t.equal(fetched.status.code, 'ERROR')
  const [, requested] = await below(runtime, async () => { await once(request(url).end(), 'error') })
  t.equal(requested.status.code, 'ERROR')
})

t.test('another instrumentation, and what was required since, do not hide http from it', async t => {
  const earlier = new HttpInstrumentation({ enabled: true })
  createRequire(import.meta.url)('http')
  earlier.disable()
  const runtime = start(t)
  const { url } = await listen(t)
  const [, child] = await below(runtime, async () => { await calls['request, imported by name']!(url) })
  t.equal(child.kind, 'CLIENT')
})

t.test('requests that arrive open no span here', async t => {
  const runtime = start(t)
  const { url } = await listen(t)
  await fetch(url).then(async response => await response.text())
  t.strictSame(runtime.memory!.finishedSpans().map(({ kind }) => kind), ['CLIENT'])
})

t.test('false: nothing is instrumented', async t => {
  const runtime = start(t, { instrumentations: false })
  const { url, headers } = await listen(t)
  for (const call of Object.values(calls)) await call(url)
  t.strictSame(runtime.memory!.finishedSpans(), [])
  t.strictSame(headers.map(({ traceparent }) => traceparent), [undefined, undefined, undefined, undefined])
})

t.test('an application with an SDK of its own instruments for itself', async t => {
  const ended: string[] = []
  trace.setGlobalTracerProvider(new TracerProvider({
    spanProcessors: [{ onStart () {}, onEnd: ({ name }) => { ended.push(name) }, async forceFlush () {}, async shutdown () {} }]
  }))
  t.teardown(() => { trace.disable() })
  start(t)
  const { url, headers } = await listen(t)
  for (const call of Object.values(calls)) await call(url)
  t.strictSame([ended, headers.filter(({ traceparent }) => traceparent !== undefined)], [[], []])
})

t.test('after the end everything is as it was', async t => {
  const runtime = start(t)
  t.not(http.request, originalRequest)
  t.equal(request, http.request)
  await runtime.shutdown(1_000)
  t.equal(http.request, originalRequest)
  t.equal(request, originalRequest)
  const { url, headers } = await listen(t)
  for (const call of Object.values(calls)) await call(url)
  t.strictSame(runtime.memory!.finishedSpans(), [])
  t.strictSame(headers.map(({ traceparent }) => traceparent), [undefined, undefined, undefined, undefined])
  t.equal(trace.getSpan(context.active()), undefined)
})
