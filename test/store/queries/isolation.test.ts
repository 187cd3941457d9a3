import t from 'tap'
import { NAMED_QUERIES, type QueryName } from '../../../lib/store/queries/named-queries.ts'
import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import { sampleTraceId } from '../../fixtures/sample-telemetry.ts'
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

t.test('who joins a foreign trace by its id sees only its own part', async t => {
  const { engine } = await openSampleStore(t)
  const seconds = `${SAMPLE_START / 1_000_000_000n + 545n}.5`
  await engine.insert('otel_traces', JSON.stringify({
    TraceId: FOREIGN, SpanId: 'abababababababab', SpanName: 'intruder', SpanKind: 'Server', Timestamp: seconds, SpanAttributes: { 'organization.id': 'org-1' }
  }), 1)
  const see = async (organizationId: string): Promise<string[]> => {
    return (await runQuery(engine, NAMED_QUERIES.trace, { trace: FOREIGN }, { organizationId })).map(({ name }) => name)
  }
  t.strictSame(await see('org-1'), ['intruder'])
  t.strictSame(await see('org-2'), ['POST /v1/agents/:agent_id/messages'], 'whose a span without an organization is cannot be told any more')
  const logs = await runQuery(engine, NAMED_QUERIES['trace-logs'], { trace: FOREIGN, from: '-7d' }, { organizationId: 'org-1' })
  t.strictSame(logs, [])
})
