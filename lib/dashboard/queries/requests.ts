import { defineQuery, MINUTES, rowLimit, TIME_RANGE } from '../../store/queries/named-query.ts'
import { isOfRoute, ROUTE_PARAMETER } from '../../store/queries/route.ts'

/** Second at which the row of a time starts; the start of the range where all of it is one row. */
const secondOf = (time: string): string =>
  `if({bucket_seconds:UInt32} = 0, intDiv({from:Int64}, 1000000000), toInt64(intDiv(toUnixTimestamp(${time}), greatest(1, {bucket_seconds:UInt32})) * greatest(1, {bucket_seconds:UInt32})))`

const STATUS = "toUInt16OrZero(if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'], SpanAttributes['http.status_code']))"
const METHOD = "if(SpanAttributes['http.request.method'] != '', SpanAttributes['http.request.method'], SpanAttributes['http.method'])"

/** The one question behind the overview: its numbers, its charts and its table are the same rows, cut differently. */
export const requests = defineQuery({
  name: 'requests',
  title: 'Requests',
  description: 'Requests, failures and latency: of the whole time or over it, altogether or by route.',
  parameters: {
    ...TIME_RANGE,
    service: { kind: 'text', description: 'only this service', default: '' },
    method: { kind: 'text', description: 'only this method, as POST', default: '' },
    ...ROUTE_PARAMETER,
    by: { kind: 'choice', description: 'one row for all, or one a route', default: 'all', choices: ['all', 'route'] },
    precision: { kind: 'choice', description: 'whole minutes out of the rollup, or spans one by one, which is for short times', default: 'minutes', choices: ['minutes', 'spans'] },
    bucket_seconds: { kind: 'number', description: 'seconds of each row; 0 for the whole time in one', default: 0, minimum: 0, maximum: 2_592_000 },
    ...rowLimit(500, 10_000)
  },
  columns: {
    time: 'time',
    method: 'text',
    route: 'text',
    requests: 'count',
    requests_per_second: 'number',
    errors: 'count',
    error_rate: 'ratio',
    status_2xx: 'count',
    status_3xx: 'count',
    status_4xx: 'count',
    status_5xx: 'count',
    status_other: 'count',
    p50_ms: 'milliseconds',
    p90_ms: 'milliseconds',
    p95_ms: 'milliseconds',
    p99_ms: 'milliseconds',
    maximum_ms: 'milliseconds',
    time_share: 'ratio'
  },
  maximumDays: 800,
  // The branch that is not asked for reads nothing.
  sql: `
    WITH parts AS (
      SELECT ${secondOf('minute')} AS second, method, route, status_code, requests, errors, duration_ns_sum, duration_ns_max, duration_ns_quantiles
      FROM endpoint_minutes
      WHERE {precision:String} = 'minutes' AND ${MINUTES}
        AND ({service:String} = '' OR service_name = {service:String})
        AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
      UNION ALL
      SELECT ${secondOf('toDateTime(Timestamp)')} AS second, ${METHOD} AS method, SpanAttributes['http.route'] AS route, ${STATUS} AS status_code,
        count() AS requests, countIf(StatusCode = 'Error') AS errors, sum(Duration) AS duration_ns_sum, max(Duration) AS duration_ns_max,
        quantilesTDigestState(0.5, 0.9, 0.95, 0.99)(Duration) AS duration_ns_quantiles
      FROM otel_traces
      WHERE {precision:String} = 'spans' AND IsEntryPoint = true AND SpanKind = 'Server'
        AND Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
        AND ({service:String} = '' OR ServiceName = {service:String})
        AND ({all_organizations:UInt8} = 1 OR SpanAttributes['organization.id'] = {organization:String})
      GROUP BY second, method, route, status_code
    )
    SELECT second * 1000000000 AS time, if({by:String} = 'route', p.method, '') AS method, if({by:String} = 'route', p.route, '') AS route,
      sum(p.requests) AS requests, sum(p.errors) AS errors, errors / requests AS error_rate,
      requests / if({bucket_seconds:UInt32} = 0, ({to:Int64} - {from:Int64}) / 1e9, {bucket_seconds:UInt32}) AS requests_per_second,
      sumIf(p.requests, intDiv(status_code, 100) = 2) AS status_2xx, sumIf(p.requests, intDiv(status_code, 100) = 3) AS status_3xx,
      sumIf(p.requests, intDiv(status_code, 100) = 4) AS status_4xx, sumIf(p.requests, intDiv(status_code, 100) = 5) AS status_5xx,
      sumIf(p.requests, intDiv(status_code, 100) NOT IN (2, 3, 4, 5)) AS status_other,
      quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(duration_ns_quantiles) AS duration,
      duration[1] / 1e6 AS p50_ms, duration[2] / 1e6 AS p90_ms, duration[3] / 1e6 AS p95_ms, duration[4] / 1e6 AS p99_ms,
      max(duration_ns_max) / 1e6 AS maximum_ms,
      sum(duration_ns_sum) / nullIf(sum(sum(duration_ns_sum)) OVER (PARTITION BY second), 0) AS time_share
    FROM parts AS p
    WHERE ({method:String} = '' OR p.method = {method:String}) AND ${isOfRoute('p.route')}
    GROUP BY second, method, route
    ORDER BY time, sum(duration_ns_sum) DESC, route, method
    LIMIT {limit:UInt32}`
})
