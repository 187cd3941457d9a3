/** Each rule's SQL on telemetry in which who is in trouble can be told by counting. */
import t from 'tap'
import { LOOK_EVERY_SECONDS } from '../../../lib/store/alerts/alert-rule.ts'
import { ALERT_RULES } from '../../../lib/store/alerts/alert-rules.ts'
import type { Engine } from '../../../lib/store/engine.ts'
import { openStore } from '../../../lib/store/open-store.ts'
import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import { TROUBLES } from '../../fixtures/troubled-telemetry.ts'
import { insertTroubles, nearly, TROUBLED_END } from '../troubled-store.ts'

const at = (seconds: number): string => new Date((TROUBLED_END + seconds) * 1_000).toISOString()

let engine: Engine
t.before(async () => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  engine = store.engine
  await insertTroubles(engine)
})

t.test('every rule finds who is in trouble, and by how much', async t => {
  t.strictSame(ALERT_RULES.map(({ name }) => name), Object.keys(TROUBLES))
  for (const { name, query, windowSeconds } of ALERT_RULES) {
    const rows = await runQuery(engine, query, { from: at(-windowSeconds), to: at(0) }, 'all-organizations')
    t.strictSame(nearly(rows, TROUBLES[name]!), TROUBLES[name], name)
  }
})

t.test('where there is nothing, only the absence of traces is found', async t => {
  for (const { name, query, windowSeconds } of ALERT_RULES) {
    const rows = await runQuery(engine, query, { from: at(-86_400 - windowSeconds), to: at(-86_400) }, 'all-organizations')
    t.strictSame(rows, name === 'no-traces' ? [{ value: 0 }] : [], name)
  }
})

t.test('other values of parameters', async t => {
  const ask = async (name: string, given: Record<string, number>): Promise<unknown> => {
    const { query, windowSeconds } = ALERT_RULES.find(rule => rule.name === name)!
    return await runQuery(engine, query, { from: at(-windowSeconds), to: at(0), ...given }, 'all-organizations')
  }
  t.match(await ask('server-errors', { minimum_requests: 5 }), [{ service: 'seldom-asked', value: 1 }, { service: 'failing' }])
  const burning = await ask('budget-burn-1h', { objective: 0.5 })
  t.strictSame(nearly(burning as [], [{ value: 0.04 }])[0], { service: 'failing', value: 0.04 })
})

t.test('burn rates are those of the query slo', async t => {
  const slo = await runQuery(engine, NAMED_QUERIES.slo, { to: at(0), service: 'recovered' }, 'all-organizations')
  const rate = (window: string): number => slo.find(row => row.window === window)!.burn_rate!
  const lowest = ([['5m', '1h'], ['30m', '6h'], ['6h', '3d']] as const).map(windows => Math.min(...windows.map(rate)))
  const burns = ['1h', '6h', '3d'].map(window => TROUBLES[`budget-burn-${window}`]!.find(({ service }) => service === 'recovered')!['value'] as number)
  for (const [index, burn] of burns.entries()) t.ok(Math.abs(burn - lowest[index]!) < 1e-9, `${burn}`)
})

t.test('rules are whole', async t => {
  for (const { name, labels, query, forSeconds, parameters } of ALERT_RULES) {
    t.match(name, /^[a-z0-9-]+$/)
    t.equal(forSeconds % LOOK_EVERY_SECONDS, 0, name)
    t.strictSame(Object.keys(query.columns), [...labels, 'value'], name)
    for (const parameter of Object.keys(parameters)) {
      t.equal(query.sql.includes(`{${parameter}:`), parameter !== 'threshold', `${name}: who asks compares with the threshold, all else is the SQL's`)
    }
  }
})
