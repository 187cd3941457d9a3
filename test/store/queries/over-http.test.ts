import t from 'tap'
import { openStore } from '../../../lib/store/open-store.ts'
import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import { clickhouseServer, PASSWORD } from '../../fixtures/clickhouse-http.ts'
import { sampleTraceId } from '../../fixtures/sample-telemetry.ts'
import { runHere, runProgram } from '../../cli/command-line.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { insertSample, openSampleStore } from '../sample-store.ts'

t.test('a server answers as the embedded engine does', async t => {
  const server = await clickhouseServer(temporaryDirectory(t))
  t.teardown(async () => { await server.close() })
  const remote = await openStore({ url: server.url, password: PASSWORD })
  await insertSample(remote.engine)
  t.teardown(async () => { await remote.close() })
  const local = await openSampleStore(t)
  const now = Date.now()
  for (const query of Object.values(NAMED_QUERIES) as NamedQuery[]) {
    const given = {
      ...('from' in query.parameters && { from: '-7d' }),
      ...('trace' in query.parameters && { trace: sampleTraceId('org-1', 0, 9) }),
      ...('attributes' in query.parameters && { attributes: { 'http.response.status_code': '500' } })
    }
    const expected = await runQuery(local.engine, query, given, { organizationId: 'org-1' }, { now })
    t.ok(expected.length > 0, `${query.name} finds something`)
    t.strictSame(await runQuery(remote.engine, query, given, { organizationId: 'org-1' }, { now }), expected, query.name)
  }
  const controller = new AbortController()
  controller.abort()
  await t.rejects(runQuery(remote.engine, NAMED_QUERIES.slo, {}, 'all-organizations', { signal: controller.signal }), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED' })

  const env = { LETTA_DIR: t.testdirName, CLICKHOUSE_ENDPOINT: server.url, CLICKHOUSE_PASSWORD: PASSWORD }
  const asked = await runProgram(['store', 'query', 'slow-runs', '--from', '-7d', '--limit', '1'], env)
  t.strictSame([asked.code, asked.stderr], [0, ''])
  t.match(asked.stdout, /│ run-org-1-0-9 +│/)
  t.match((await runHere(['store', 'status'], env)).stdout, /^server store, database otel, schema version \d+\n[^]*│ run_metrics +│ +40 │/)
  const backup = await runHere(['store', 'backup'], env)
  t.equal(backup.code, 1)
  t.match(backup.stderr, /BACKUP is not for clients of the local backend: end letta-otel dev, unset CLICKHOUSE_ENDPOINT, and back its directory up/)
  t.match(await runHere(['store', 'status'], { ...env, CLICKHOUSE_PASSWORD: 'wrong-password' }), { code: 3, stderr: /^letta-otel: LETTA_OTEL_STORE_UNAVAILABLE: (?!.*wrong-password)/ })
})
