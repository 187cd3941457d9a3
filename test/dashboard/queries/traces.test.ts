import t from 'tap'
import { openStore } from '../../../lib/store/open-store.ts'
import { jsonLines } from '../../fixtures/sample-telemetry.ts'
import { apiHost, ask, type Asked } from '../host.ts'

/** A whole minute, an hour ago. */
const START = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000
const from = new Date(START).toISOString()
const to = new Date(START + 60_000).toISOString()

interface Given {
  readonly trace: string
  readonly span: string
  readonly second: number
  readonly ms: number
  readonly kind?: 'Server' | 'Internal'
  readonly parent?: string
  readonly status?: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly event?: string
}

const span = ({ trace, span, second, ms, kind = 'Server', parent = '', status = 'Unset', attributes = {}, event }: Given): object => ({
  Timestamp: new Date(START + second * 1_000).toISOString().replace('T', ' ').replace('Z', ''),
  TraceId: trace.repeat(32),
  SpanId: span.repeat(16),
  ParentSpanId: parent.repeat(16),
  SpanName: `${kind} ${span}`,
  SpanKind: kind,
  ServiceName: 'traced',
  SpanAttributes: attributes,
  Duration: ms * 1e6,
  StatusCode: status,
  ...(event !== undefined && { 'Events.Timestamp': [from.replace('T', ' ').replace('Z', '')], 'Events.Name': ['exception'], 'Events.Attributes': [{ 'exception.message': event }] })
})

const route = { 'http.route': '/things/:id', 'http.request.method': 'GET', 'http.response.status_code': '200' }
const SPANS = [
  // A trace that enters twice: the second time later and longer.
  span({ trace: 'a', span: '1', second: 1, ms: 40, attributes: route }),
  span({ trace: 'a', span: '2', second: 9, ms: 900, parent: '1', attributes: { ...route, 'http.response.status_code': '404' } }),
  span({ trace: 'a', span: '3', second: 2, ms: 5_000, kind: 'Internal', parent: '1', attributes: { 'code.function.name': 'wait' } }),
  span({ trace: 'b', span: '4', second: 5, ms: 300, status: 'Error', attributes: { 'http.route': '/others', 'http.method': 'POST', 'http.status_code': '500' }, event: 'it broke' }),
  span({ trace: 'c', span: '5', second: 7, ms: 100, attributes: { ...route, 'organization.id': 'org-1' } })
]

t.test('traces: which are found, which span stands for each, and in which order', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  await store.engine.insert('otel_traces', jsonLines(SPANS), SPANS.length)
  const app = await apiHost(t, { store })
  const found = async (parameters: Record<string, string> = {}): Promise<string[]> => {
    const { rows, statusCode, message }: Asked = await ask(app, 'traces', { from, to, ...parameters })
    if (statusCode !== 200) throw new Error(message)
    return rows.map(({ trace_id: trace, span_id: id, spans }) => `${String(trace)[0]}${String(id)[0]}×${String(spans)}`)
  }
  t.strictSame(await found(), ['c5×1', 'b4×1', 'a1×2'], 'the newest first, each by its first entry')
  t.strictSame(await found({ order: 'slowest' }), ['a2×2', 'b4×1', 'c5×1'], 'each by its slowest')
  t.strictSame(await found({ order: 'slowest', spans: 'any' }), ['a3×3', 'b4×1', 'c5×1'])
  t.strictSame(await found({ limit: '1', order: 'slowest' }), ['a2×2'])
  t.strictSame(await found({ route: '/things/:id' }), ['c5×1', 'a1×2'])
  t.strictSame(await found({ route: '/things' }), [], 'the whole of it')
  t.strictSame(await found({ route: '(no route)' }), [])
  t.strictSame(await found({ route: '(no route)', spans: 'any' }), ['a3×1'], 'those without a route')
  t.strictSame(await found({ method: 'POST' }), ['b4×1'], 'by its older name, too')
  t.strictSame(await found({ http_status: '4' }), ['a2×1'])
  t.strictSame(await found({ http_status: '500' }), ['b4×1'])
  t.strictSame(await found({ status: 'error' }), ['b4×1'])
  t.strictSame(await found({ status: 'ok' }), ['c5×1', 'a1×2'])
  t.strictSame(await found({ minimum_ms: '200', maximum_ms: '500' }), ['b4×1'])
  t.strictSame(await found({ attributes: 'organization.id=org-1' }), ['c5×1'])
  t.strictSame(await found({ text: 'IT BROKE' }), ['b4×1'])
  t.strictSame(await found({ text: 'WAIT' }), [], 'not an entry')
  t.strictSame(await found({ text: 'wait', spans: 'any' }), ['a3×1'])
  t.strictSame(await found({ service: 'other' }), [])
  const { rows: [second] } = await ask(app, 'traces', { from, to, order: 'slowest' })
  t.match(second, { started: new Date(START + 9_000).toISOString().replace('Z', '000000Z'), duration_ms: 900, http_status: '404', name: 'Server 2' })
})

t.test('an organization finds its own', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  await store.engine.insert('otel_traces', jsonLines(SPANS), SPANS.length)
  const app = await apiHost(t, { store, scope: { organizationId: 'org-1' } })
  const { rows } = await ask(app, 'traces', { from, to })
  t.strictSame(rows.map(row => row['trace_id']), ['c'.repeat(32)])
})
