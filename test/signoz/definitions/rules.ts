import { LOOK_EVERY_SECONDS, type AlertRule } from '../../../lib/store/alerts/alert-rule.ts'
import { ALERT_RULES } from '../../../lib/store/alerts/alert-rules.ts'

/** Columns of SigNoz' table of spans, under the names that the rules have for them. */
const SERVICE = "resources_string['service.name'] AS service"
const ROUTE = "http_method AS method, attributes_string['http.route'] AS route"
const REQUESTS = `FROM signoz_traces.distributed_signoz_index_v3
WHERE timestamp >= $start_datetime AND timestamp < $end_datetime
  AND ts_bucket_start >= $start_timestamp - 1800 AND ts_bucket_start <= $end_timestamp`
const SERVER = "AND kind_string = 'Server'"
const MINIMUM = 'HAVING count() >= 10'
/** One value of the whole window. */
const WHOLE = '$end_datetime AS ts'

/** How SigNoz is asked what a rule of the store asks. */
interface Equivalent {
  readonly sql: string
  readonly matchType: 'at_least_once' | 'all_the_times'
  /** Points that a series needs before it counts. */
  readonly points?: number
}

const burn = (seconds: number): Equivalent => {
  const recent = `timestamp >= $end_datetime - ${seconds}`
  return {
    matchType: 'at_least_once',
    sql: `SELECT ${WHOLE}, ${SERVICE},
  least(countIf(has_error) / count(), countIf(has_error AND ${recent}) / greatest(1, countIf(${recent}))) / (1 - 0.999) AS value
${REQUESTS} ${SERVER}
GROUP BY service ${MINIMUM}`
  }
}

const EQUIVALENTS: Readonly<Record<string, Equivalent>> = {
  'slow-requests': {
    // SigNoz knows no duration for which a condition has to hold: that of every minute does.
    matchType: 'all_the_times',
    points: 4,
    sql: `SELECT toStartOfMinute(timestamp) AS ts, ${SERVICE}, quantile(0.99)(duration_nano) / 1e6 AS value
${REQUESTS} ${SERVER}
GROUP BY ts, service
ORDER BY ts`
  },
  'server-errors': {
    matchType: 'at_least_once',
    sql: `SELECT ${WHOLE}, ${SERVICE}, countIf(toUInt16OrZero(response_status_code) >= 500) / count() AS value
${REQUESTS} ${SERVER}
GROUP BY service ${MINIMUM}`
  },
  'endpoint-errors': {
    matchType: 'at_least_once',
    sql: `SELECT ${WHOLE}, ${SERVICE}, ${ROUTE}, countIf(has_error) / count() AS value
${REQUESTS} ${SERVER}
GROUP BY service, method, route ${MINIMUM}`
  },
  'budget-burn-1h': burn(300),
  'budget-burn-6h': burn(1_800),
  'budget-burn-3d': burn(21_600),
  'no-traces': { matchType: 'at_least_once', sql: `SELECT ${WHOLE}, count() AS value\n${REQUESTS}` }
}

/** What SigNoz is sent to make a rule (`POST /api/v2/rules`), by its path below docs/. */
export function signozFiles (): Record<string, string> {
  return Object.fromEntries(ALERT_RULES.flatMap(rule => {
    const equivalent = EQUIVALENTS[rule.name]
    return equivalent === undefined ? [] : [[`signoz/${rule.name}.json`, `${JSON.stringify(ruleJson(rule, equivalent), null, 2)}\n`]]
  }))
}

function ruleJson ({ name, title, description, severity, comparison, labels, windowSeconds, parameters }: AlertRule, { sql, matchType, points }: Equivalent): object {
  const about = labels.map(label => `{{.Labels.${label}}}`).join(' ')
  return {
    alert: title,
    alertType: 'TRACES_BASED_ALERT',
    ruleType: 'threshold_rule',
    schemaVersion: 'v2alpha1',
    version: 'v5',
    condition: {
      compositeQuery: { queryType: 'clickhouse_sql', panelType: 'graph', queries: [{ type: 'clickhouse_sql', spec: { name: 'A', query: sql } }] },
      selectedQueryName: 'A',
      ...(points !== undefined && { requireMinPoints: true, requiredNumPoints: points }),
      thresholds: { kind: 'basic', spec: [{ name: severity, target: parameters.threshold.default, matchType, op: comparison, channels: [] }] }
    },
    evaluation: { kind: 'rolling', spec: { evalWindow: `${windowSeconds / 60}m`, frequency: `${LOOK_EVERY_SECONDS / 60}m` } },
    // Who is told is said by routing policies, by these labels.
    notificationSettings: { groupBy: labels, usePolicy: true, renotify: { enabled: false } },
    labels: { severity, rule: name },
    annotations: { summary: `${title}${about === '' ? '' : `: ${about}`} ({{.Value}})`, description }
  }
}
