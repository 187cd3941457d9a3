import { LOOK_EVERY_SECONDS, type AlertRule } from '../../../lib/store/alerts/alert-rule.ts'
import { ALERT_RULES } from '../../../lib/store/alerts/alert-rules.ts'
import { DATA_SOURCE_TYPE, DATA_SOURCE_UID } from './dashboard.ts'
import { queryOf } from './grafana-sql.ts'

const EXPRESSION = { type: '__expr__', uid: '__expr__' } as const

/** The store's alert rules as Grafana is provisioned with them. */
export function alertingJson (): object {
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: 'letta-otel', folder: 'letta-otel', interval: duration(LOOK_EVERY_SECONDS), rules: ALERT_RULES.map(ruleJson) }]
  }
}

/** A is what the store answers: text is a label, the one number the value. B says for which of it the rule holds. */
function ruleJson (rule: AlertRule): object {
  const { name, title, description, severity, comparison, labels, windowSeconds, forSeconds, parameters, query } = rule
  const relativeTimeRange = { from: windowSeconds, to: 0 }
  const about = labels.map(label => `{{ .Labels.${label} }}`).join(' ')
  return {
    uid: `letta-otel-${name}`,
    title,
    condition: 'B',
    data: [
      {
        refId: 'A',
        relativeTimeRange,
        datasourceUid: DATA_SOURCE_UID,
        model: { refId: 'A', datasource: { type: DATA_SOURCE_TYPE, uid: DATA_SOURCE_UID }, editorType: 'sql', queryType: 'table', format: 1, rawSql: queryOf(query) }
      },
      {
        refId: 'B',
        relativeTimeRange,
        datasourceUid: EXPRESSION.uid,
        model: {
          refId: 'B', datasource: EXPRESSION, type: 'threshold', expression: 'A', conditions: [{ evaluator: { type: comparison === 'above' ? 'gt' : 'lt', params: [parameters.threshold.default] } }]
        }
      }
    ],
    for: duration(forSeconds),
    // Where nothing is watched, nothing is wrong; that there are no traces is a row with 0.
    noDataState: 'OK',
    execErrState: 'Error',
    labels: { severity, rule: name },
    annotations: { summary: `${title}${about === '' ? '' : `: ${about}`} ({{ .Values.A }})`, description }
  }
}

function duration (seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
}
