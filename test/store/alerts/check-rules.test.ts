import t from 'tap'
import { ALERT_RULES } from '../../../lib/store/alerts/alert-rules.ts'
import { checkRules, type AlertFinding, type RuleValues } from '../../../lib/store/alerts/check-rules.ts'
import type { Engine } from '../../../lib/store/engine.ts'
import { openStore } from '../../../lib/store/open-store.ts'
import { insertTroubles, TROUBLED_END } from '../troubled-store.ts'

let engine: Engine
t.before(async () => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  engine = store.engine
  await insertTroubles(engine)
})

const NO_VALUES: RuleValues = new Map()
const rulesNamed = (...names: string[]) => ALERT_RULES.filter(({ name }) => names.includes(name))

async function check (names: readonly string[], values = NO_VALUES, seconds = 0): Promise<string[]> {
  const findings = await checkRules(engine, rulesNamed(...names), { now: (TROUBLED_END + seconds) * 1_000, values })
  return findings.map(({ rule, state, labels }: AlertFinding) => [rule.name, state, ...Object.values(labels)].join(' '))
}

t.test('every rule, at the end of what went wrong', async t => {
  t.strictSame(await check(ALERT_RULES.map(({ name }) => name)), [
    'slow-requests pending lately-slow',
    'slow-requests firing slow',
    'server-errors firing failing',
    'endpoint-errors firing failing GET /a',
    'budget-burn-1h firing failing',
    'budget-burn-6h firing failing',
    'budget-burn-3d firing recovered',
    'budget-burn-3d firing failing',
    'no-traces ok',
    'telemetry-lost firing losing spans queue_full',
    'telemetry-lost firing losing data points spool_full',
    'telemetry-lost firing losing log records rejected',
    'spool-filling firing spooling'
  ])
})

t.test('what lasts long enough fires, to the minute', async t => {
  // The first slow minute of lately-slow is -3: the first look that sees it, -2, and five minutes later it has lasted.
  const states = await Promise.all([-3, -2, 2, 3].map(async minute => (await check(['slow-requests'], NO_VALUES, minute * 60))
    .find(finding => finding.endsWith('lately-slow')) ?? 'nothing'))
  t.strictSame(states, ['nothing', 'slow-requests pending lately-slow', 'slow-requests pending lately-slow', 'slow-requests firing lately-slow'])
})

t.test('nothing to say', async t => {
  t.strictSame(await check(['slow-requests', 'no-traces'], NO_VALUES, -3_600 * 30), ['slow-requests ok', 'no-traces firing'])
  const [finding] = await checkRules(engine, rulesNamed('slow-requests'), { now: (TROUBLED_END - 3_600 * 30) * 1_000, values: NO_VALUES })
  t.match(finding, { value: null, labels: {}, threshold: 5_000 })
})

t.test('other thresholds', async t => {
  const values = new Map([
    ['slow-requests', { threshold: '6500' }],
    ['no-traces', { threshold: 1_000 }],
    ['endpoint-errors', { threshold: 0.1 }],
    ['server-errors', { minimum_requests: 5, threshold: 0.5 }]
  ])
  t.strictSame(await check([...values.keys()], values), [
    'slow-requests pending lately-slow', 'server-errors firing seldom-asked', 'endpoint-errors ok failing GET /a', 'no-traces firing'
  ])
  await t.rejects(check(['slow-requests'], new Map([['slow-requests', { threshold: 'high' }]])), {
    code: 'LETTA_OTEL_STORE_INVALID_PARAMETER', message: /"threshold" of query "slow-requests" cannot be "high"/
  })
})

t.test('a rule that the store cannot answer hides no other', async t => {
  await engine.command('DROP TABLE otel_metrics_sum')
  const findings = await checkRules(engine, rulesNamed('no-traces', 'telemetry-lost'), { now: TROUBLED_END * 1_000, values: NO_VALUES })
  t.match(findings, [{ state: 'ok' }, { state: 'failed', value: null, problem: /otel_metrics_sum/ }])
})
