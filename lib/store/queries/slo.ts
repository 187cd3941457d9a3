import { defineQuery } from './named-query.ts'
import { isOfRoute, ROUTE_PARAMETER } from './route.ts'

/**
 * Windows are those of multi-window burn-rate alerts (Google's SRE workbook, chapter 5): 5 minutes with 1 hour, 30 minutes
 * with 6 hours, 6 hours with 3 days; and 30 days, over which the budget counts.
 */
const WINDOWS = "[('5m', 300), ('30m', 1800), ('1h', 3600), ('6h', 21600), ('1d', 86400), ('3d', 259200), ('30d', 2592000)]"
const START = 'toDateTime(intDiv({to:Int64}, 1000000000)) - INTERVAL 30 DAY'
const END = 'toDateTime(intDiv({to:Int64} + 999999999, 1000000000))'

/**
 * Requests of each minute, and how many of them were good. Rollups know failures only: a threshold is counted in the spans
 * themselves. The branch that is not asked for reads nothing.
 *
 * @param start SQL of the first second
 * @param end SQL of the second after the last one
 */
export const goodRequests = (start: string, end: string): string => `SELECT minute, sum(m.requests) AS requests, toUInt64(requests - sum(m.errors)) AS good
      FROM endpoint_minutes AS m
      WHERE {threshold_ms:UInt64} = 0 AND minute >= ${start} AND minute < ${end}
        AND ({service:String} = '' OR service_name = {service:String})
        AND ${isOfRoute('route')}
        AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
      GROUP BY minute
      UNION ALL
      SELECT toStartOfMinute(toDateTime(Timestamp)) AS minute, count() AS requests,
        countIf(StatusCode != 'Error' AND Duration <= {threshold_ms:UInt64} * 1000000) AS good
      FROM otel_traces
      WHERE {threshold_ms:UInt64} > 0 AND IsEntryPoint = true AND SpanKind = 'Server'
        AND Timestamp >= ${start} AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
        AND ({service:String} = '' OR ServiceName = {service:String})
        AND ${isOfRoute("SpanAttributes['http.route']")}
        AND ({all_organizations:UInt8} = 1 OR SpanAttributes['organization.id'] = {organization:String})
      GROUP BY minute`

export const slo = defineQuery({
  name: 'slo',
  title: 'Service level objective',
  description: 'Which part of requests was good over 5 minutes to 30 days, how fast the error budget burns (1 uses it up in exactly 30 days) and what is left of it. ' +
    'A request is good when it did not fail and, with threshold_ms, took no longer than that.',
  parameters: {
    to: { kind: 'time', description: 'end of all windows, exclusive', default: 'now' },
    objective: { kind: 'number', description: 'part of requests that should be good', default: 0.999, minimum: 0.5, maximum: 0.999999, fraction: true },
    threshold_ms: { kind: 'number', description: 'milliseconds a good request takes at most; 0 for any time', default: 0, minimum: 0, maximum: 1e9 },
    service: { kind: 'text', description: 'only this service', default: '' },
    ...ROUTE_PARAMETER
  },
  columns: {
    window: 'text',
    requests: 'count',
    good: 'count',
    compliance: 'ratio',
    burn_rate: 'number',
    budget_left: 'ratio'
  },
  // The last branch has every window have a row.
  sql: `
    WITH minutes AS (
      ${goodRequests(START, END)}
      UNION ALL
      SELECT ${END} - 1 AS minute, toUInt64(0) AS requests, toUInt64(0) AS good
    )
    SELECT w.1 AS window, sum(m.requests) AS requests, sum(m.good) AS good, good / nullIf(requests, 0) AS compliance,
      (1 - compliance) / (1 - {objective:Float64}) AS burn_rate, 1 - burn_rate AS budget_left
    FROM (SELECT minute, requests, good, arrayJoin(${WINDOWS}) AS w FROM minutes) AS m
    WHERE minute >= toDateTime(intDiv({to:Int64}, 1000000000)) - w.2
    GROUP BY w
    ORDER BY w.2`
})
