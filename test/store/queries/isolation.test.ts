import t from 'tap'
import type { Engine } from '../../../lib/store/engine.ts'
import { RowEncoder } from '../../../lib/store/row-encoder.ts'
import { NAMED_QUERIES, type QueryName } from '../../../lib/store/queries/named-queries.ts'
import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import { sampleTraceId } from '../../fixtures/sample-telemetry.ts'
import { runRow } from '../sample-rows.ts'
import { openSampleStore, SAMPLE_START } from '../sample-store.ts'

const OWN = sampleTraceId('org-1', 0, 9)
const FOREIGN = sampleTraceId('org-2', 0, 9)

/** Parameters with which a query finds as much as it can. */
function widest (query: NamedQuery, trace: string): Record<string, string> {
  return {
    ...('from' in query.parameters && { from: '-7d' }),
    ...('trace' in query.parameters && { trace }),
    ...('minimum_ms' in query.parameters && { minimum_ms: '0' }),
    ...('by' in query.parameters && { by: 'organization' }),
    ...('limit' in query.parameters && { limit: '1000' })
  }
}

t.test('one organization finds what is its own, and nothing of another', async t => {
  const { engine } = await openSampleStore(t)
  for (const [name, query] of Object.entries(NAMED_QUERIES) as Array<[string, NamedQuery]>) {
    const everybody = await runQuery(engine, query, widest(query, OWN), 'all-organizations')
    const own = await runQuery(engine, query, widest(query, OWN), { organizationId: 'org-1' })
    t.ok(own.length > 0, `${name} finds something`)
    t.notMatch(JSON.stringify(own), /org-2/, `${name} finds nothing of the other`)
    const counted = (rows: ReadonlyArray<Record<string, unknown>>): number => {
      return rows.reduce((sum, row) => sum + Number(row['requests'] ?? row['calls'] ?? row['steps'] ?? 1), 0)
    }
    const share = 'trace' in query.parameters ? 1 : 2
    t.equal(counted(everybody), counted(own) * share, `${name} finds half of all, or all of its own trace`)
    for (const organizationId of ['org-9', '%', 'ORG-1', 'org-1\' OR 1=1 --']) {
      const stranger = await runQuery(engine, query, widest(query, OWN), { organizationId })
      t.equal(name === 'slo' ? counted(stranger) : stranger.length, 0, `${name} finds nothing for ${JSON.stringify(organizationId)}`)
    }
    await t.rejects(runQuery(engine, query, widest(query, OWN), { organizationId: '' }), { code: 'LETTA_OTEL_STORE_INVALID_PARAMETER' }, `${name} is not for nobody`)
  }
})

t.test('the trace of another organization is as one that is not there', async t => {
  const { engine } = await openSampleStore(t)
  for (const name of ['trace', 'trace-logs'] as const satisfies QueryName[]) {
    const query: NamedQuery = NAMED_QUERIES[name]
    t.strictSame(await runQuery(engine, query, widest(query, FOREIGN), { organizationId: 'org-1' }), [], name)
  }
})

/** A span of somebody's in the foreign trace, while that is under way. */
function spanLine (name: string, span: object): string {
  return JSON.stringify({ TraceId: FOREIGN, SpanName: name, SpanKind: 'Internal', Timestamp: `${SAMPLE_START / 1_000_000_000n + 545n}.5`, ...span })
}

async function seen (engine: Engine, organizationId: string): Promise<string[]> {
  return (await runQuery(engine, NAMED_QUERIES.trace, { trace: FOREIGN }, { organizationId })).map(({ name }) => name).sort()
}

t.test('who joins a foreign trace by its id sees only its own part, and takes nothing from its owner', async t => {
  const { engine } = await openSampleStore(t)
  await engine.insert('otel_traces', [
    spanLine('intruder', { SpanId: 'a0'.repeat(8), ParentSpanId: FOREIGN.slice(0, 16), SpanKind: 'Server', SpanAttributes: { 'organization.id': 'org-1' } }),
    spanLine('nameless intruder', { SpanId: 'a1'.repeat(8), ParentSpanId: FOREIGN.slice(0, 16), SpanKind: 'Server' }),
    spanLine('of the nameless', { SpanId: 'a2'.repeat(8), ParentSpanId: 'a1'.repeat(8) })
  ].join('\n'), 3)
  t.strictSame(await seen(engine, 'org-1'), ['intruder'])
  t.strictSame(await seen(engine, 'org-2'), ['Agent.step', 'POST /v1/agents/:agent_id/messages'])
  const logs = await runQuery(engine, NAMED_QUERIES['trace-logs'], { trace: FOREIGN, from: '-7d' }, { organizationId: 'org-1' })
  t.strictSame(logs, [])
})

t.test('nor while the request of its owner is open, so that nothing there names the owner yet', async t => {
  const { engine } = await openSampleStore(t, { organizations: ['org-1'] })
  const root = 'b0'.repeat(8)
  await engine.insert('otel_traces', [
    spanLine('Agent.step', { SpanId: 'b1'.repeat(8), ParentSpanId: root }),
    spanLine('SELECT secrets', { SpanId: 'b2'.repeat(8), ParentSpanId: 'b1'.repeat(8), SpanKind: 'Client' }),
    spanLine('intruder', { SpanId: 'a0'.repeat(8), ParentSpanId: root, SpanKind: 'Server', SpanAttributes: { 'organization.id': 'org-1' } })
  ].join('\n'), 3)
  await engine.insert('otel_logs', JSON.stringify({
    TraceId: FOREIGN, SpanId: root, Timestamp: `${SAMPLE_START / 1_000_000_000n + 545n}.5`, Body: 'a line', ServiceName: 's'
  }), 1)
  await engine.insert('run_metrics', new RowEncoder().encode(runRow({ organization_id: 'org-1', trace_id: FOREIGN })), 1)
  const logs = async (organizationId: string): Promise<string[]> => {
    return (await runQuery(engine, NAMED_QUERIES['trace-logs'], { trace: FOREIGN, from: '-7d' }, { organizationId })).map(({ body }) => body)
  }
  t.strictSame(await seen(engine, 'org-1'), ['intruder'], 'also with a run in the trace')
  t.strictSame(await logs('org-1'), [])
  await engine.insert('otel_traces', spanLine('POST /', { SpanId: root, SpanKind: 'Server', SpanAttributes: { 'organization.id': 'org-2' } }), 1)
  t.strictSame(await seen(engine, 'org-1'), ['intruder'])
  t.strictSame(await logs('org-1'), [])
  t.strictSame(await seen(engine, 'org-2'), ['Agent.step', 'POST /'], 'whose what lies deeper without a name is, is not told')
  t.strictSame(await logs('org-2'), ['a line'])
})

t.test('a line belongs to whom its span names, else to whom it names itself', async t => {
  const { engine } = await openSampleStore(t, { organizations: ['org-1'] })
  const line = (Body: string, SpanId: string, organization?: string): string => JSON.stringify({
    TraceId: FOREIGN, SpanId, Timestamp: `${SAMPLE_START / 1_000_000_000n + 545n}.5`, Body, ServiceName: 's', ...organization !== undefined && { LogAttributes: { org_id: organization } }
  })
  const [request, run, unnamed, open] = ['b0', 'b1', 'b2', 'b3'].map(id => id.repeat(8)) as [string, string, string, string]
  await engine.insert('otel_traces', [
    spanLine('POST /', { SpanId: request, SpanKind: 'Server', SpanAttributes: { 'organization.id': 'org-A' } }),
    spanLine('invoke_agent', { SpanId: run, ParentSpanId: request, SpanAttributes: { 'organization.id': 'org-B' } }),
    spanLine('SELECT', { SpanId: unnamed, ParentSpanId: run })
  ].join('\n'), 3)
  await engine.insert('otel_logs', [
    line('request', request, 'org-A'), line('run, says A', run, 'org-A'), line('run, says nobody', run), line('unnamed span, says B', unnamed, 'org-B'),
    line('open span, says A', open, 'org-A'), line('of nobody', open)
  ].join('\n'), 6)
  const logs = async (organizationId: string): Promise<string[]> => {
    return (await runQuery(engine, NAMED_QUERIES['trace-logs'], { trace: FOREIGN, from: '-7d' }, { organizationId })).map(({ body }) => body).sort()
  }
  t.strictSame(await logs('org-A'), ['open span, says A', 'request'])
  t.strictSame(await logs('org-B'), ['run, says A', 'run, says nobody', 'unnamed span, says B'])
  t.strictSame(await logs('org-1'), [])
})
