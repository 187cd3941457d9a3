/** Rows of clocks that go wrong, and rows that come late: each counts once, at its own time. */
import t from 'tap'
import { deleteProviderTrace } from '../../lib/store/delete-provider-trace.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { NAMED_QUERIES } from '../../lib/store/queries/named-queries.ts'
import { runQuery } from '../../lib/store/queries/run-query.ts'
import { callRow, NOW, NOW_NS } from './sample-rows.ts'

const OWN = { organizationId: 'org-1' }
const MINUTE = 60
const HOUR = 60 * MINUTE
const SECOND = Math.floor(NOW / 1_000)

function span (second: number, name: string, span: object = {}): string {
  return JSON.stringify({
    Timestamp: `${second}.5`,
    TraceId: 'a'.repeat(32),
    SpanId: name.padEnd(16, '0'),
    SpanName: name,
    SpanKind: 'Server',
    ServiceName: 's',
    Duration: 1_000_000,
    SpanAttributes: { 'organization.id': 'org-1', 'http.request.method': 'GET', 'http.route': '/', 'http.response.status_code': '200' },
    ...span
  })
}

t.test('spans that come late, or of a clock that goes wrong, belong to their trace and to their own minute', async t => {
  const { engine, close } = await openStore({ path: ':memory:' })
  t.teardown(close)
  const requests = async (from: number, to: number): Promise<number> => {
    const found = await runQuery(engine, NAMED_QUERIES.throughput, { from: new Date(from * 1_000), to: new Date(to * 1_000) }, OWN)
    return found.reduce((sum, row) => sum + Number(row.requests), 0)
  }
  await engine.insert('otel_traces', span(SECOND - MINUTE, 'first'), 1)
  await engine.insert('otel_traces', span(SECOND - 3 * HOUR, 'late'), 1)
  await engine.insert('otel_traces', span(SECOND + 2 * HOUR, 'ahead'), 1)
  t.equal(await requests(SECOND - 10 * MINUTE, SECOND), 1)
  t.equal(await requests(SECOND - 3 * HOUR - MINUTE, SECOND - 3 * HOUR + MINUTE), 1, 'added to a minute that is long over')
  t.equal(await requests(SECOND + 2 * HOUR - MINUTE, SECOND + 2 * HOUR + MINUTE), 1)
  // A child on a server whose clock is behind begins before its parent.
  await engine.insert('otel_traces', span(SECOND - 4 * HOUR, 'behind', { ParentSpanId: 'first'.padEnd(16, '0'), SpanKind: 'Internal' }), 1)
  t.strictSame((await runQuery(engine, NAMED_QUERIES.trace, { trace: 'a'.repeat(32) }, OWN)).map(({ name }) => name), ['behind', 'late', 'first', 'ahead'])
  t.equal(await requests(SECOND - 5 * HOUR, SECOND + 3 * HOUR), 3)
})

t.test('rows of a call count once in the rollup, in whatever order and of whichever clock they come', async t => {
  const { engine, rows, close } = await openStore({ path: ':memory:' })
  t.teardown(close)
  const calls = async (): Promise<number> => {
    const found = await runQuery(engine, NAMED_QUERIES.breakdown, { from: new Date(NOW - 6 * HOUR * 1_000), to: new Date(NOW + 6 * HOUR * 1_000) }, OWN)
    return found.reduce((sum, row) => sum + Number(row.calls), 0)
  }
  const write = async (row: Partial<Parameters<typeof callRow>[0]>): Promise<void> => {
    rows.write('provider_traces', callRow(row))
    await rows.flush()
  }
  const late = { id: 'late', request_start_ns: NOW_NS - BigInt(4 * HOUR) * 1_000_000_000n }
  await write({ ...late, updated_at: NOW })
  await write({ ...late, updated_at: NOW - 1, outcome: 'running', latency_ns: null })
  t.equal(await calls(), 1, 'the end comes before the beginning')
  const ahead = { id: 'ahead', request_start_ns: NOW_NS + BigInt(2 * HOUR) * 1_000_000_000n, updated_at: NOW + 2 * HOUR * 1_000 }
  await write(ahead)
  t.equal(await calls(), 2)
  t.match((await rows.providerTracesOfStep('org-1', 'step-1')).map(({ id, outcome }) => [id, outcome]), [['late', 'ok'], ['ahead', 'ok']])
  t.equal(await deleteProviderTrace(engine, { ...OWN, stepId: 'step-1', id: 'ahead' }), true)
  t.equal(await calls(), 1, 'a deletion counts although the clock of who wrote it was ahead')
  t.strictSame((await rows.providerTracesOfStep('org-1', 'step-1')).map(({ id }) => id), ['late'])
})
