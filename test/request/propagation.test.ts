import { context, propagation } from '@opentelemetry/api'
import t from 'tap'
import { observedApp, serverSpan } from './observed-app.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1', baggage: 'tenant=blue' }

t.test('a caller\'s trace goes on', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/', async () => ({ tenant: propagation.getBaggage(context.active())?.getEntry('tenant')?.value, onward: injected() }))
  })
  const { tenant, onward } = await (await fetch(url, { headers })).json() as { tenant: string, onward: Record<string, string> }
  const span = await serverSpan()
  t.equal(span.traceId, TRACE)
  t.equal(span.parentSpanId, PARENT)
  t.equal(span.traceState, 'vendor=1')
  t.equal(span.links.length, 0)
  t.equal(tenant, 'blue')
  t.strictSame(onward, { traceparent: `00-${TRACE}-${span.spanId}-01`, tracestate: 'vendor=1', baggage: 'tenant=blue' })
})

for (const [name, trustIncoming] of [
  ['false', false],
  ['a function that says no', () => false],
  ['a function that throws', () => { throw new Error('unsure') }],
  ['a function that promises', (() => Promise.resolve(true)) as unknown as () => boolean]
] as const) {
  t.test(`trustIncoming is ${name}: a new root, with a link to the caller`, async t => {
    const { url } = await observedApp(t, app => {
      app.get('/', async () => injected())
    }, { trustIncoming })
    const onward = await (await fetch(url, { headers })).json() as Record<string, string>
    const span = await serverSpan()
    t.not(span.traceId, TRACE)
    t.equal(span.parentSpanId, undefined)
    t.strictSame(span.links, [{ traceId: TRACE, spanId: PARENT, attributes: {} }])
    t.notOk('baggage' in onward, 'a stranger\'s baggage goes no further')
    t.notOk('tracestate' in onward)
  })
}

t.test('trustIncoming may look at the request', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/', async () => 'ok')
  }, { trustIncoming: request => request.headers['x-internal'] === 'yes' })
  await fetch(url, { headers: { ...headers, 'x-internal': 'yes' } })
  t.equal((await serverSpan()).traceId, TRACE)
})

const MALFORMED = {
  'upper case': `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  'version ff': `ff-${TRACE}-${PARENT}-01`,
  'all-zero trace id': `00-${'0'.repeat(32)}-${PARENT}-01`,
  'all-zero parent id': `00-${TRACE}-${'0'.repeat(16)}-01`,
  'more after version 00': `00-${TRACE}-${PARENT}-01-more`,
  'too short': `00-${TRACE}-${PARENT}`,
  garbage: '%%%%',
  empty: ''
}
for (const [name, traceparent] of Object.entries(MALFORMED)) {
  t.test(`a traceparent that is not one: ${name}`, async t => {
    const { url } = await observedApp(t, app => { app.get('/', async () => 'ok') })
    const response = await fetch(url, { headers: { traceparent, tracestate: 'a=b', baggage: '=;;,%zz' } })
    t.equal(response.status, 200)
    const span = await serverSpan()
    t.not(span.traceId, TRACE)
    t.equal(span.parentSpanId, undefined)
    t.equal(span.traceState, undefined)
  })
}

t.test('a future version is read as far as it is known', async t => {
  const { url } = await observedApp(t, app => { app.get('/', async () => 'ok') })
  await fetch(url, { headers: { traceparent: `cc-${TRACE}-${PARENT}-01-what-the-future-brings` } })
  t.equal((await serverSpan()).traceId, TRACE)
})

t.test('two traceparent headers are none', async t => {
  const { connect } = await observedApp(t, app => { app.get('/', async () => 'ok') })
  const socket = await connect()
  socket.end(`GET / HTTP/1.1\r\nHost: a\r\ntraceparent: ${headers.traceparent}\r\ntraceparent: ${headers.traceparent}\r\nConnection: close\r\n\r\n`)
  socket.resume()
  t.not((await serverSpan()).traceId, TRACE)
})

t.test('a caller that did not sample is followed', async t => {
  const { url } = await observedApp(t, app => { app.get('/', async request => ({ ...injected(), id: request.telemetry.traceId })) })
  const { traceparent, id } = await (await fetch(url, { headers: { traceparent: `00-${TRACE}-${PARENT}-00` } })).json() as Record<string, string>
  t.equal(id, TRACE)
  t.match(traceparent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
})

function injected (): Record<string, string> {
  const carrier = {}
  propagation.inject(context.active(), carrier)
  return carrier
}

t.test('B3, whose propagator reads headers that it does not write', async t => {
  process.env['OTEL_PROPAGATORS'] = 'b3'
  t.teardown(() => { delete process.env['OTEL_PROPAGATORS'] })
  const { url } = await observedApp(t, app => { app.get('/', async () => 'ok') })
  await fetch(url, { headers: { 'x-b3-traceid': TRACE, 'x-b3-spanid': PARENT, 'x-b3-sampled': '1' } })
  t.equal((await serverSpan()).traceId, TRACE)
})

t.test('a tracestate that is none does not lose the trace', async t => {
  const { connect } = await observedApp(t, app => { app.get('/', async () => 'ok') })
  const socket = await connect()
  socket.end(`GET / HTTP/1.1\r\nHost: a\r\ntraceparent: ${headers.traceparent}\r\ntracestate: a${' '.repeat(8_000)}b\r\nConnection: close\r\n\r\n`)
  socket.resume()
  const span = await serverSpan()
  t.equal(span.traceId, TRACE)
  t.equal(span.traceState, undefined)
})
