import { trace } from '@opentelemetry/api'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import t from 'tap'
import { finishedSpans, metrics } from '../../lib/testing.ts'
import { observedApp, until } from './observed-app.ts'

// In an own process, as each test file: instrumentation-http changes Node's http module for good.
t.test('an application that instruments incoming requests itself', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/agents/:id', async request => {
      const inner = await app.inject('/inner')
      return { own: trace.getActiveSpan() === request.telemetry.span, spanId: request.telemetry.spanId, inner: inner.body }
    })
    app.get('/inner', async request => request.telemetry.spanId)
    app.get('/fails', async () => { throw new TypeError('no') })
  }, { instrumentations: [new HttpInstrumentation()] })

  const { own, spanId, inner } = await (await fetch(`${url}/agents/1`, { headers: { 'x-agent-id': 'agent-1' } })).json() as { own: boolean, spanId: string, inner: string }
  await until(() => finishedSpans().some(span => span.spanId === spanId), 'the span')
  t.equal(own, true)
  t.not(inner, spanId, 'a request injected meanwhile has a span of its own')
  const servers = finishedSpans().filter(span => span.kind === 'SERVER' && span.name !== 'GET /inner')
  t.equal(servers.length, 1, 'one server span')
  t.equal(servers[0]?.scope, '@opentelemetry/instrumentation-http')
  t.equal(servers[0]?.name, 'GET /agents/:id')
  t.match(servers[0]?.attributes, { 'http.route': '/agents/:id', 'agent.id': 'agent-1', 'http.response.status_code': 200 })

  await (await fetch(`${url}/fails`)).text()
  await until(() => finishedSpans().some(span => span.name === 'GET /fails'), 'the span')
  const failed = finishedSpans().find(span => span.name === 'GET /fails')
  t.equal(failed?.status.code, 'ERROR')
  t.equal(failed?.attributes['error.type'], '500', 'the other instrumentation states its own last')
  t.equal(failed?.events[0]?.attributes['exception.message'], 'no')

  const durations = (await metrics()).filter(metric => metric.name === 'http.server.request.duration')
  const counted = durations.flatMap(metric => metric.points).reduce((sum, point) => sum + (point.count ?? 0), 0)
  t.equal(counted, 3, 'each request is measured once')
})
