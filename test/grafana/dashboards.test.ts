/** Every query of every dashboard, asked of the real engine as Grafana would ask it, of telemetry whose totals can be told by counting. */
import t from 'tap'
import type { Engine } from '../../lib/store/engine.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { sampleTraceId } from '../fixtures/sample-telemetry.ts'
import { insertSample, SAMPLE_START } from '../store/sample-store.ts'
import { insertTroubles, TROUBLED_END } from '../store/troubled-store.ts'
import { ANSWERS, VARIABLE_ANSWERS, type Row } from './answers.ts'
import { DASHBOARDS } from './definitions/files.ts'
import { expandQuery, type Choices } from './expand-query.ts'
import { readDashboard, type Dashboard, type Panel } from './read-dashboard.ts'

const START = Number(SAMPLE_START / 1_000_000n)
/** Ten minutes with forty requests, and the quarter of an hour before the end of what went wrong. */
const RANGES = {
  sample: { from: START, to: START + 600_000 },
  troubles: { from: (TROUBLED_END - 900) * 1_000, to: TROUBLED_END * 1_000 }
} as const

let engine: Engine
t.before(async () => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  engine = store.engine
  await insertSample(engine)
  await insertTroubles(engine)
})

async function ask (dashboard: Dashboard, sql: string, range: keyof typeof RANGES, variables: Readonly<Record<string, string>> = {}): Promise<Row[]> {
  const chosen = { ...dashboard.chosen, objective: '0.8', trace: sampleTraceId('org-1', 0, 9), ...variables }
  const choices: Choices = { ...RANGES[range], intervalSeconds: 300, variables: chosen, allValues: dashboard.allValues }
  const rows = await engine.query<Row>(expandQuery(sql, choices), {}, {
    settings: { output_format_json_quote_64bit_integers: 0, session_timezone: 'UTC' }
  })
  return rows.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, readable(value)])))
}

/** Without what digests of quantiles cannot say, and without the noughts behind a second. */
function readable (value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(6))
  return typeof value === 'string' ? value.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.0+$/, '$1') : value
}

for (const name of Object.keys(DASHBOARDS)) {
  const dashboard = readDashboard(name)
  const rangeOf = ({ id }: Panel): keyof typeof RANGES => name === 'pipeline' && ![4, 5, 6].includes(id) ? 'troubles' : 'sample'

  t.test(`${name}: every panel shows what was sent`, async t => {
    t.strictSame(dashboard.panels.map(({ id }) => String(id)), Object.keys(ANSWERS[name]!))
    for (const panel of dashboard.panels) {
      const rows = await ask(dashboard, panel.sql, rangeOf(panel))
      const expected = ANSWERS[name]![panel.id]!
      t.equal(rows.length, expected.length, `${panel.title}: rows`)
      t.match(rows, expected, panel.title)
      t.strictSame(faultsOf(panel, rows[0] ?? {}), [], `${panel.title}: columns are what the panel needs`)
    }
  })

  t.test(`${name}: every variable offers what was sent, and narrows every panel that names it`, async t => {
    t.strictSame(Object.keys(dashboard.offers), Object.keys(VARIABLE_ANSWERS[name]!))
    for (const [variable, sql] of Object.entries(dashboard.offers)) {
      const rows = await ask(dashboard, sql, name === 'pipeline' ? 'troubles' : 'sample')
      t.strictSame(rows.map(row => Object.values(row)[0]), VARIABLE_ANSWERS[name]![variable], variable)
      for (const panel of dashboard.panels.filter(({ sql }) => sql.includes(`{${variable}:`))) {
        const found = await ask(dashboard, panel.sql, rangeOf(panel), { [variable]: "no'body" })
        const numbers = found.flatMap(row => Object.values(row)).filter(value => typeof value === 'number')
        t.ok(numbers.every(number => number === 0), `${panel.title} of nobody's ${variable}`)
      }
    }
  })
}

/** What a kind of panel cannot draw. */
function faultsOf ({ type, series, columns }: Panel, row: Row): string[] {
  const kinds = Object.entries(row).map(([name, value]) => [name, /^\d{4}-\d\d-\d\d \d/.test(String(value)) ? 'time' : typeof value] as const)
  const named = (kind: string): string[] => kinds.filter(([, found]) => found === kind).map(([name]) => name)
  const faults = columns.filter(column => !(column in row)).map(column => `no column ${column}`)
  if (type !== 'traces' && named('object').some(name => row[name] !== null)) faults.push('a column that is no single value')
  if (type === 'stat' && (kinds.length !== 1 || named('number').length !== 1)) faults.push('not one number')
  if (type === 'timeseries') {
    if (named('time').join() !== 'time') faults.push('not one time')
    if (named('string').join() !== (series ?? '')) faults.push(`series are called by ${named('string').join()}`)
    if (series !== undefined && named('number').length !== 1) faults.push('not one number for each series')
  }
  return faults
}
