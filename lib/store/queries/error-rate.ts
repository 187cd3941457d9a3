import { BUCKET, bucketSeconds, defineQuery, MINUTES, rowLimit, TIME_RANGE } from './named-query.ts'
import { isOfRoute, ROUTE_PARAMETER } from './route.ts'

export const errorRate = defineQuery({
  name: 'error-rate',
  title: 'Error rate by endpoint',
  description: 'Which part of requests failed or was refused, by route; the routes with the largest part of failures first. Whole minutes.',
  parameters: {
    ...TIME_RANGE,
    service: { kind: 'text', description: 'only this service', default: '' },
    ...ROUTE_PARAMETER,
    minimum_requests: { kind: 'number', description: 'only routes with at least so many requests', default: 1, minimum: 1, maximum: 1e9 },
    ...bucketSeconds(0),
    ...rowLimit(50, 10_000)
  },
  columns: {
    time: 'time',
    method: 'text',
    route: 'text',
    requests: 'count',
    errors: 'count',
    error_rate: 'ratio',
    client_errors: 'count',
    client_error_rate: 'ratio'
  },
  maximumDays: 800,
  sql: `
    SELECT ${BUCKET} AS time, method, route, sum(m.requests) AS requests, sum(m.errors) AS errors, errors / requests AS error_rate,
      sumIf(m.requests, status_code >= 400 AND status_code < 500) AS client_errors, client_errors / requests AS client_error_rate
    FROM endpoint_minutes AS m
    WHERE ${MINUTES}
      AND ({service:String} = '' OR service_name = {service:String})
      AND ${isOfRoute('m.route')}
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY time, method, route
    HAVING requests >= {minimum_requests:UInt64}
    ORDER BY time, error_rate DESC, requests DESC, route, method
    LIMIT {limit:UInt32}`
})
