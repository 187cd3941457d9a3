/** Alert rules as Grafana is provisioned with them: each one's SQL asked of the real engine as Grafana would ask it. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { ALERT_RULES } from '../../lib/store/alerts/alert-rules.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { TROUBLES } from '../fixtures/troubled-telemetry.ts'
import { insertTroubles, nearly, TROUBLED_END } from '../store/troubled-store.ts'
import { DATA_SOURCE_UID } from './definitions/dashboard.ts'
import { expandQuery } from './expand-query.ts'

interface Rule {
  readonly uid: string
  readonly condition: string
  readonly for: string
  readonly data: ReadonlyArray<{
    readonly refId: string
    readonly datasourceUid: string
    readonly relativeTimeRange: { readonly from: number, readonly to: number }
    readonly model: { readonly rawSql?: string, readonly format?: number, readonly type?: string, readonly expression?: string, readonly conditions?: object[] }
  }>
  readonly [name: string]: unknown
}

const file = parse(readFileSync(new URL('../../docs/grafana/provisioning/alerting/letta-otel.yaml', import.meta.url), 'utf8')) as {
  apiVersion: number
  groups: Array<{ folder: string, interval: string, rules: Rule[] }>
}
const rules = file.groups.flatMap(group => group.rules)

t.test('every rule of the store is there, and finds who is in trouble', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  await insertTroubles(store.engine)
  t.strictSame(rules.map(({ uid }) => uid), ALERT_RULES.map(({ name }) => `letta-otel-${name}`))
  for (const [index, { name, comparison, parameters, forSeconds, windowSeconds }] of ALERT_RULES.entries()) {
    const { data: [query, condition], ...rule } = rules[index]!
    t.match(query, { refId: 'A', datasourceUid: DATA_SOURCE_UID, relativeTimeRange: { from: windowSeconds, to: 0 }, model: { format: 1 } }, name)
    t.strictSame([condition!.refId, condition!.model.expression, condition!.model.type, condition!.model.conditions],
      ['B', 'A', 'threshold', [{ evaluator: { type: comparison === 'above' ? 'gt' : 'lt', params: [parameters.threshold.default] } }]], name)
    t.strictSame([rule.condition, rule.for], ['B', `${forSeconds / 60}m`], name)
    const to = TROUBLED_END * 1_000
    const rows = await store.engine.query<Record<string, unknown>>(expandQuery(query!.model.rawSql!, { from: to - windowSeconds * 1_000, to }), {}, {
      settings: { output_format_json_quote_64bit_integers: 0 }
    })
    t.strictSame(nearly(rows, TROUBLES[name]!), TROUBLES[name], name)
    // Of a table, Grafana takes text for labels and its one number for the value.
    for (const row of rows) t.strictSame(Object.entries(row).filter(([, value]) => typeof value !== 'string').map(([column]) => column), ['value'], name)
  }
})

t.test('what Grafana would take for its environment is in queries alone', async t => {
  // There it reads text as it is; everywhere else a dollar begins a variable.
  const text = JSON.stringify(file, (key, value: unknown) => key === 'model' ? undefined : value)
  t.notMatch(text, /\$/)
  for (const { uid, annotations } of rules) t.match(annotations, { summary: /\{\{ \.Values\.A \}\}/, description: /\.$/ }, uid)
})
