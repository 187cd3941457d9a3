import { MINUTES } from '../queries/named-query.ts'
import { defineRule, minimumRequests, threshold } from './alert-rule.ts'

export const slowRequests = defineRule({
  name: 'slow-requests',
  title: 'Requests are slow',
  description: 'Of the requests to a service, one in a hundred takes longer than the threshold (P99). Look at the slowest traces, and at the latency of the models they call.',
  severity: 'warning',
  windowSeconds: 300,
  forSeconds: 300,
  comparison: 'above',
  labels: ['service'],
  unit: 'milliseconds',
  parameters: { threshold: threshold(5_000, 'milliseconds'), ...minimumRequests(10) },
  sql: `
    SELECT service_name AS service, arrayElement(quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(duration_ns_quantiles), 4) / 1e6 AS value
    FROM endpoint_minutes AS m
    WHERE ${MINUTES}
    GROUP BY service
    HAVING sum(m.requests) >= {minimum_requests:UInt64}
    ORDER BY value DESC, service`
})

export const serverErrors = defineRule({
  name: 'server-errors',
  title: 'Requests are answered with 5xx',
  description: 'A part of the requests to a service above the threshold is answered with 500 or more. Look at the failing traces and at the exceptions on them.',
  severity: 'critical',
  windowSeconds: 300,
  forSeconds: 0,
  comparison: 'above',
  labels: ['service'],
  unit: 'ratio',
  parameters: { threshold: threshold(0.01, 'part of all requests'), ...minimumRequests(10) },
  // Spans of before the status was known, of a request that failed: 500, as the endpoint metrics have it.
  sql: `
    SELECT service_name AS service, (sumIf(m.requests, status_code >= 500) + sumIf(m.errors, status_code = 0)) / sum(m.requests) AS value
    FROM endpoint_minutes AS m
    WHERE ${MINUTES}
    GROUP BY service
    HAVING sum(m.requests) >= {minimum_requests:UInt64}
    ORDER BY value DESC, service`
})

export const endpointErrors = defineRule({
  name: 'endpoint-errors',
  title: 'An endpoint fails',
  description: 'A part of the requests to one endpoint above the threshold fails: 5xx, time-outs, connections that were closed before the answer was complete. Look at the failing traces of the route.',
  severity: 'warning',
  windowSeconds: 300,
  forSeconds: 0,
  comparison: 'above',
  labels: ['service', 'method', 'route'],
  unit: 'ratio',
  parameters: { threshold: threshold(0.05, 'part of all requests to the endpoint'), ...minimumRequests(10) },
  sql: `
    SELECT service_name AS service, method, route, sum(m.errors) / sum(m.requests) AS value
    FROM endpoint_minutes AS m
    WHERE ${MINUTES}
    GROUP BY service, method, route
    HAVING sum(m.requests) >= {minimum_requests:UInt64}
    ORDER BY value DESC, service, route, method`
})
