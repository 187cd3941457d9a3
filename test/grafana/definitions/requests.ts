import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { MINUTES } from '../../../lib/store/queries/named-query.ts'
import type { DashboardDefinition, VariableDefinition } from './dashboard.ts'
import { BUCKET_SECONDS, columnsOf, grafanaSql, plain, queryOf, variable } from './grafana-sql.ts'

const SERVICE = variable('service')
const ROUTE = variable('route')
const CHOSEN = { service: SERVICE, route: ROUTE }
const ROLLUP = `FROM endpoint_minutes AS m
  WHERE ${MINUTES}
    AND (${SERVICE} = '' OR service_name = ${SERVICE})
    AND (${ROUTE} = '' OR route = ${ROUTE})`
const OF_TIME = { time: 'fromUnixTimestamp64Nano(time)', endpoint: "concat(method, ' ', route)" }

/** What a dashboard of requests can be narrowed to. */
export const REQUEST_VARIABLES: readonly VariableDefinition[] = [
  { name: 'service', label: 'Service', sql: grafanaSql(`SELECT DISTINCT service_name FROM endpoint_minutes WHERE ${MINUTES} ORDER BY service_name`) },
  { name: 'route', label: 'Route', sql: grafanaSql(`SELECT DISTINCT route FROM endpoint_minutes WHERE ${MINUTES} AND (${SERVICE} = '' OR service_name = ${SERVICE}) AND route != '' ORDER BY route`) }
]

/** Spans of requests, the first of them as `order` says. */
const requestSpans = (condition: string, order: string): string => plain(`
  SELECT Timestamp AS time, ServiceName AS service, SpanName AS request, Duration / 1e6 AS duration,
    SpanAttributes['http.response.status_code'] AS status, SpanAttributes['error.type'] AS error, SpanAttributes['organization.id'] AS organization,
    TraceId AS trace
  FROM otel_traces
  WHERE $__timeFilter(Timestamp) AND SpanKind = 'Server' AND ${condition}
    AND (${SERVICE} = '' OR ServiceName = ${SERVICE})
    AND (${ROUTE} = '' OR SpanAttributes['http.route'] = ${ROUTE})
  ORDER BY ${order}
  LIMIT 20`)

export const requests: DashboardDefinition = {
  uid: 'letta-otel-requests',
  title: 'letta-otel: requests',
  description: 'How many requests are answered, how fast, and which of them fail.',
  from: 'now-6h',
  variables: REQUEST_VARIABLES,
  rows: [
    {
      height: 4,
      panels: [
        { id: 1, title: 'Requests', type: 'stat', unit: 'short', sql: grafanaSql(`SELECT sum(m.requests) AS requests\n  ${ROLLUP}`) },
        { id: 2, title: 'Failed', type: 'stat', unit: 'percentunit', redFrom: 0.01, sql: grafanaSql(`SELECT sum(m.errors) / nullIf(sum(m.requests), 0) AS failed\n  ${ROLLUP}`) },
        { id: 3, title: 'Refused (4xx)', type: 'stat', unit: 'percentunit', sql: grafanaSql(`SELECT sumIf(m.requests, status_code >= 400 AND status_code < 500) / nullIf(sum(m.requests), 0) AS refused\n  ${ROLLUP}`) },
        { id: 4, title: 'P50', type: 'stat', unit: 'ms', sql: grafanaSql(`SELECT arrayElement(quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(duration_ns_quantiles), 1) / 1e6 AS p50\n  ${ROLLUP}`) },
        { id: 5, title: 'P99', type: 'stat', unit: 'ms', redFrom: 5_000, sql: grafanaSql(`SELECT arrayElement(quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(duration_ns_quantiles), 4) / 1e6 AS p99\n  ${ROLLUP}`) }
      ]
    },
    {
      height: 8,
      panels: [
        {
          id: 6,
          title: 'Throughput by status',
          type: 'timeseries',
          unit: 'reqps',
          stacked: true,
          sql: columnsOf(queryOf(NAMED_QUERIES.throughput, { ...CHOSEN, limit: '10000' }), {
            time: OF_TIME.time,
            ...Object.fromEntries(['2xx', '3xx', '4xx', '5xx', 'other'].map(status => [status, `status_${status} / ${BUCKET_SECONDS}`]))
          })
        },
        {
          id: 7,
          title: 'Latency',
          type: 'timeseries',
          unit: 'ms',
          sql: columnsOf(grafanaSql(`SELECT $__timeInterval(minute) AS time, quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(duration_ns_quantiles) AS duration
  ${ROLLUP}
  GROUP BY time`), { time: 'time', P50: 'duration[1] / 1e6', P90: 'duration[2] / 1e6', P95: 'duration[3] / 1e6', P99: 'duration[4] / 1e6' }, 'ORDER BY time')
        },
        {
          id: 8,
          title: 'Failed and refused',
          type: 'timeseries',
          unit: 'percentunit',
          sql: grafanaSql(`SELECT $__timeInterval(minute) AS time, sum(m.errors) / sum(m.requests) AS failed,
    sumIf(m.requests, status_code >= 400 AND status_code < 500) / sum(m.requests) AS refused
  ${ROLLUP}
  GROUP BY time
  ORDER BY time`)
        }
      ]
    },
    {
      height: 8,
      panels: [
        {
          id: 9, title: 'P99 by endpoint', type: 'timeseries', unit: 'ms', series: 'endpoint', sql: columnsOf(queryOf(NAMED_QUERIES['endpoint-latency'], { ...CHOSEN, limit: '10000' }), { ...OF_TIME, p99: 'p99_ms' }, 'ORDER BY time, endpoint')
        },
        {
          id: 10, title: 'Failed by endpoint', type: 'timeseries', unit: 'percentunit', series: 'endpoint', sql: columnsOf(queryOf(NAMED_QUERIES['error-rate'], { ...CHOSEN, limit: '10000' }), { ...OF_TIME, failed: 'error_rate' }, 'ORDER BY time, endpoint')
        }
      ]
    },
    {
      height: 9,
      panels: [{
        id: 11,
        title: 'Endpoints',
        description: 'Those that took the most time altogether first.',
        type: 'table',
        units: { average: 'ms', P50: 'ms', P90: 'ms', P95: 'ms', P99: 'ms', maximum: 'ms', 'share of time': 'percentunit' },
        sql: columnsOf(queryOf(NAMED_QUERIES['endpoint-latency'], { ...CHOSEN, bucket_seconds: '0' }), {
          endpoint: OF_TIME.endpoint, requests: 'requests', errors: 'errors', average: 'average_ms', P50: 'p50_ms', P90: 'p90_ms', P95: 'p95_ms', P99: 'p99_ms', maximum: 'maximum_ms', 'share of time': 'time_share'
        })
      }]
    },
    {
      height: 9,
      panels: [
        { id: 12, title: 'Slowest requests', type: 'table', units: { duration: 'ms' }, traceColumn: 'trace', sql: requestSpans('1', 'Duration DESC') },
        { id: 13, title: 'Latest failures', type: 'table', units: { duration: 'ms' }, traceColumn: 'trace', sql: requestSpans("StatusCode = 'Error'", 'Timestamp DESC') }
      ]
    }
  ]
}
