import { BUCKET, bucketSeconds, defineQuery, MINUTES, rowLimit, TIME_RANGE } from './named-query.ts'
import { isOfRoute, ROUTE_PARAMETER } from './route.ts'

export const endpointLatency = defineQuery({
  name: 'endpoint-latency',
  title: 'Latency by endpoint',
  description: 'How long requests took, by route; the routes that took the most time altogether first. Whole minutes.',
  parameters: {
    ...TIME_RANGE,
    service: { kind: 'text', description: 'only this service', default: '' },
    ...ROUTE_PARAMETER,
    ...bucketSeconds(0),
    ...rowLimit(50, 10_000)
  },
  columns: {
    time: 'time',
    method: 'text',
    route: 'text',
    requests: 'count',
    errors: 'count',
    average_ms: 'milliseconds',
    p50_ms: 'milliseconds',
    p90_ms: 'milliseconds',
    p95_ms: 'milliseconds',
    p99_ms: 'milliseconds',
    maximum_ms: 'milliseconds',
    time_share: 'ratio'
  },
  maximumDays: 800,
  sql: `
    SELECT ${BUCKET} AS time, method, route, sum(m.requests) AS requests, sum(m.errors) AS errors,
      sum(duration_ns_sum) / requests / 1e6 AS average_ms,
      quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(duration_ns_quantiles) AS duration,
      duration[1] / 1e6 AS p50_ms, duration[2] / 1e6 AS p90_ms, duration[3] / 1e6 AS p95_ms, duration[4] / 1e6 AS p99_ms,
      max(duration_ns_max) / 1e6 AS maximum_ms,
      sum(duration_ns_sum) / nullIf(sum(sum(duration_ns_sum)) OVER (PARTITION BY time), 0) AS time_share
    FROM endpoint_minutes AS m
    WHERE ${MINUTES}
      AND ({service:String} = '' OR service_name = {service:String})
      AND ${isOfRoute('m.route')}
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY time, method, route
    ORDER BY time, sum(duration_ns_sum) DESC, route, method
    LIMIT {limit:UInt32}`
})
