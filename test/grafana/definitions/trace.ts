import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { TRACE_DASHBOARD, type DashboardDefinition } from './dashboard.ts'
import { columnsOf, queryOf, variable } from './grafana-sql.ts'

const TRACE = { trace: variable('trace') }

export const trace: DashboardDefinition = {
  uid: TRACE_DASHBOARD,
  title: 'letta-otel: one trace',
  description: 'The spans of a trace and the log lines written within it; tables of other dashboards lead here.',
  from: 'now-7d',
  variables: [{ name: 'trace', label: 'Id of the trace', values: [''] }],
  rows: [
    {
      height: 16,
      panels: [{
        id: 1,
        title: 'Spans',
        type: 'traces',
        // Names and units are those that Grafana draws traces from.
        sql: columnsOf(queryOf(NAMED_QUERIES.trace, TRACE), {
          traceID: TRACE.trace,
          spanID: 'span_id',
          parentSpanID: 'parent_span_id',
          serviceName: 'service',
          operationName: 'name',
          startTime: 'started / 1e6',
          duration: 'duration_ms',
          tags: "arrayMap((key, value) -> map('key', key, 'value', value), mapKeys(attributes), mapValues(attributes))",
          serviceTags: "arrayMap((key, value) -> map('key', key, 'value', value), mapKeys(resource), mapValues(resource))",
          statusCode: "if(status = 'Error', 2, 0)",
          statusMessage: 'status_message',
          kind: 'lower(kind)'
        })
      }]
    },
    {
      height: 10,
      panels: [{
        id: 2,
        title: 'Log lines',
        description: 'Of the time range.',
        type: 'table',
        sql: columnsOf(queryOf(NAMED_QUERIES['trace-logs'], TRACE), { time: 'fromUnixTimestamp64Nano(time)', severity: 'severity', body: 'body', service: 'service', span: 'span_id' })
      }]
    }
  ]
}
