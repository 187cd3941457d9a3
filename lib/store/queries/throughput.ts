import { BUCKET, bucketSeconds, defineQuery, MINUTES, rowLimit, TIME_RANGE } from './named-query.ts'
import { isOfRoute, ROUTE_PARAMETER } from './route.ts'

export const throughput = defineQuery({
  name: 'throughput',
  title: 'Throughput',
  description: 'Requests over time by the class of their status. A time without requests has no row. Whole minutes.',
  parameters: {
    ...TIME_RANGE,
    service: { kind: 'text', description: 'only this service', default: '' },
    ...ROUTE_PARAMETER,
    ...bucketSeconds(3_600),
    ...rowLimit(500, 10_000)
  },
  columns: {
    time: 'time',
    requests: 'count',
    requests_per_second: 'number',
    status_2xx: 'count',
    status_3xx: 'count',
    status_4xx: 'count',
    status_5xx: 'count',
    status_other: 'count'
  },
  maximumDays: 800,
  sql: `
    SELECT ${BUCKET} AS time, sum(m.requests) AS requests,
      requests / if({bucket_seconds:UInt32} = 0, ({to:Int64} - {from:Int64}) / 1e9, greatest(60, {bucket_seconds:UInt32})) AS requests_per_second,
      sumIf(m.requests, intDiv(status_code, 100) = 2) AS status_2xx, sumIf(m.requests, intDiv(status_code, 100) = 3) AS status_3xx,
      sumIf(m.requests, intDiv(status_code, 100) = 4) AS status_4xx, sumIf(m.requests, intDiv(status_code, 100) = 5) AS status_5xx,
      sumIf(m.requests, intDiv(status_code, 100) NOT IN (2, 3, 4, 5)) AS status_other
    FROM endpoint_minutes AS m
    WHERE ${MINUTES}
      AND ({service:String} = '' OR service_name = {service:String})
      AND ${isOfRoute('m.route')}
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY time
    ORDER BY time
    LIMIT {limit:UInt32}`
})
