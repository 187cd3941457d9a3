import t from 'tap'
import type { QueryOptions } from '../../../lib/store/engine.ts'
import { NAMED_QUERIES, namedQuery } from '../../../lib/store/queries/named-queries.ts'
import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'

interface Asked {
  sql: string
  params: Record<string, unknown>
  options: QueryOptions
}

/** An engine that only writes down what it is asked. */
function listeningEngine () {
  const asked: Asked[] = []
  const query = async <Row> (sql: string, params?: Readonly<Record<string, unknown>>, options?: QueryOptions): Promise<Row[]> => {
    asked.push({ sql, params: { ...params }, options: options ?? {} })
    return []
  }
  return { asked, query }
}

const NOW = Date.UTC(2026, 0, 31)
const required = (query: NamedQuery): Record<string, string> => 'trace' in query.parameters ? { trace: '0'.repeat(31) + '1' } : {}

t.test('every query has a name, words, and a bound in time and in rows', async t => {
  for (const [name, query] of Object.entries(NAMED_QUERIES) as Array<[string, NamedQuery]>) {
    t.equal(query.name, name)
    t.equal(namedQuery(name), query)
    t.ok(query.title !== '' && query.description.endsWith('.'), `${name} says what it is`)
    const { asked, query: ask } = listeningEngine()
    await runQuery({ query: ask }, query, required(query), 'all-organizations', { now: NOW })
    t.ok(Number(asked[0]!.options.settings?.['max_execution_time']) <= 30, `${name} ends in time`)
    t.match(query.sql, /LIMIT \{limit:UInt32\}|GROUP BY w\n/, `${name} has few rows`)
    t.ok('from' in query.parameters || 'trace' in query.parameters || name === 'slo', `${name} reads a part of the time`)
  }
})

t.test('what is bound is what the SQL names, no more and no less', async t => {
  for (const [name, query] of Object.entries(NAMED_QUERIES) as Array<[string, NamedQuery]>) {
    const { asked, query: ask } = listeningEngine()
    await runQuery({ query: ask }, query, required(query), { organizationId: 'org-1' }, { now: NOW })
    const named = new Set([...query.sql.matchAll(/\{(\w+):[A-Z]\w*(?:\(\w+\))?\}/g)].map(([, name]) => name))
    t.strictSame(Object.keys(asked[0]!.params).sort(), [...named].sort(), name)
    t.equal(asked[0]!.sql, query.sql, 'and the SQL is the same for every call')
  }
})

t.test('whose rows are found is never a parameter', async t => {
  const { asked, query } = listeningEngine()
  await runQuery({ query }, NAMED_QUERIES['slow-runs'], {}, { organizationId: 'org-1' })
  await runQuery({ query }, NAMED_QUERIES['slow-runs'], {}, 'all-organizations')
  t.match(asked.map(({ params }) => params), [
    { all_organizations: 0, organization: 'org-1' }, { all_organizations: 1 }
  ])
  for (const name of ['organization', 'all_organizations']) {
    await t.rejects(runQuery({ query }, NAMED_QUERIES['slow-runs'], { [name]: '1' }, { organizationId: 'org-1' }), { code: 'LETTA_OTEL_STORE_INVALID_PARAMETER' }, name)
  }
})

t.test('a time that is too long, or ends before it starts, is refused', async t => {
  const { asked, query } = listeningEngine()
  const ask = async (from: string, to: string) => await runQuery({ query }, NAMED_QUERIES['trace-search'], { from, to }, 'all-organizations', { now: NOW })
  await t.rejects(ask('-32d', 'now'), { message: 'parameter "from" of query "trace-search" cannot be more than 31 days before "to": ask for a shorter time' })
  await t.rejects(ask('now', '-1h'), { message: /cannot be at or after "to"/ })
  await t.rejects(ask('now', 'now'), { code: 'LETTA_OTEL_STORE_INVALID_PARAMETER' })
  t.equal(asked.length, 0)
  await ask('-31d', 'now')
  t.equal(asked.length, 1)
})

t.test('a query that is not there', async t => {
  for (const name of ['nope', 'constructor', '']) {
    t.throws(() => namedQuery(name), { code: 'LETTA_OTEL_STORE_UNKNOWN_QUERY', message: /there is no query ".*": ask one of slow-runs, / }, name)
  }
})

t.test('an asker can give up and may say how long to wait', async t => {
  const { asked, query } = listeningEngine()
  const { signal } = new AbortController()
  await runQuery({ query }, NAMED_QUERIES.slo, {}, 'all-organizations', { signal, maximumSeconds: 3 })
  t.equal(asked[0]!.options.signal, signal)
  t.equal(asked[0]!.options.settings?.['max_execution_time'], 3)
})
