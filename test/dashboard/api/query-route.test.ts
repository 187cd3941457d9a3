import t from 'tap'
import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'
import { PAGE_QUERIES } from '../../../lib/dashboard/queries/page-queries.ts'
import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { generate } from '../generated.ts'
import { apiHost, ask, askSql } from '../host.ts'
import { literalSql } from '../../../lib/dashboard/web/format/sql.ts'
import { openStore } from '../../../lib/store/open-store.ts'

const ATTEMPTS = ["'; DROP TABLE run_metrics; -- ' OR 1=1 --", "\\') UNION ALL SELECT {organization:String}'} SETTINGS readonly=0 --\u0000\u{1F600}"]

t.test('every question answers with its SQL, and takes nothing that is no value', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  const generated = await generate(store.engine, { large: 10 })
  const app = await apiHost(t, { store })
  const one = await apiHost(t, { store, scope: { organizationId: 'nobody' } })
  const proper = (query: NamedQuery): Record<string, string> => ({
    ...('trace' in query.parameters && { trace: generated.broken.traceId }),
    ...('run' in query.parameters && { run: generated.tool.run }),
    ...('call' in query.parameters && { call: 'provider_trace-step-org-1-0-9-0' }),
    ...('metric' in query.parameters && { metric: 'pool.connections' })
  })
  for (const query of Object.values(PAGE_QUERIES) as NamedQuery[]) {
    const answer = await ask(app, query.name, proper(query))
    t.match(await askSql(app, literalSql(answer.query.sql, answer.query.parameters)), { statusCode: 200, rows: { length: Math.min(answer.rows.length, 1_000) } },
      `${query.name} gives the same number of rows in the console`)
  }
  const own = Object.values(PAGE_QUERIES).filter(({ name }) => !Object.hasOwn(NAMED_QUERIES, name)) as NamedQuery[]
  for (const query of own) {
    const given = proper(query)
    const answer = await ask(app, query.name, given)
    t.match(answer, { statusCode: 200, columns: query.columns, query: { name: query.name, title: query.title, parameters: { all_organizations: 1, ...given } } }, query.name)
    t.match(answer.query.sql, /^(?:SELECT|WITH)/)
    for (const row of answer.rows) t.strictSame(Object.keys(row), Object.keys(query.columns), `${query.name} has the columns it names`)
    const foreign = await ask(one, query.name, given)
    t.strictSame(foreign.rows.filter(hasCounted), [], `${query.name} shows nothing to another organization`)
    for (const [name, { kind }] of Object.entries(query.parameters)) {
      await Promise.all(ATTEMPTS.map(async attempt => {
        const { statusCode, code, rows } = await ask(app, query.name, { ...given, [name]: kind === 'pairs' ? `${attempt}=${attempt}` : attempt })
        if (kind === 'text' || kind === 'pairs') t.equal(statusCode, 200, `${query.name} through ${name}`)
        // An attribute that no point has puts all of them into one group.
        if (statusCode === 200) t.strictSame(name === 'group' ? [] : rows.filter(hasCounted), [], `${query.name} through ${name} finds nothing that it should not`)
        else t.match({ statusCode, code }, { statusCode: 400, code: 'LETTA_OTEL_STORE_INVALID_PARAMETER' }, `${query.name} through ${name}`)
      }))
    }
    t.match(await ask(app, query.name, { ...given, organization: 'org-1' }), { statusCode: 400 }, 'the organization is no parameter')
  }
  t.match(await store.engine.query('SELECT count() AS runs FROM run_metrics FINAL'), [{ runs: '20' }], 'and everything is still there')
  t.match(await ask(app, 'nothing'), { statusCode: 404, code: 'LETTA_OTEL_STORE_UNKNOWN_QUERY' })
  t.match(await ask(app, 'toString'), { statusCode: 400 })
  t.match(await ask(app, 'constructor'), { statusCode: 404 })
})

t.test('questions are listed with what they take', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  const app = await apiHost(t, { store })
  const { queries } = (await app.inject('/api/queries')).json()
  t.equal(queries.length, Object.keys(PAGE_QUERIES).length)
  t.match(queries.find(({ name }: { name: string }) => name === 'requests'), { title: 'Requests', parameters: { by: { kind: 'choice', choices: ['all', 'route'] } }, sql: /^WITH parts/ })
})

t.test('an answer says when there may be more, and an engine that is gone is no fault of the question', async t => {
  const store = await openStore({ path: ':memory:' })
  await generate(store.engine, { large: 10 })
  const app = await apiHost(t, { store })
  t.match(await ask(app, 'traces', { limit: '2' }), { truncated: true, authorized: false, rows: { length: 2 } })
  t.match((await app.inject({ url: '/api/queries/services', headers: { authorization: 'Bearer x' } })).json(), { authorized: true })
  await store.close()
  t.match(await ask(app, 'traces'), { statusCode: 503, code: 'LETTA_OTEL_STORE_STATEMENT_FAILED' })
})

/** Whether a row is about anything: of some questions, rows without a figure come always. */
function hasCounted (row: Record<string, unknown>): boolean {
  return Object.values(row).some(value => typeof value === 'number' && value > 0)
}
