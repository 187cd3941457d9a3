import { expression, ruleFile, type Alert, type Recording } from './rule-file.ts'

/** A histogram of requests in Prometheus' words, and how its labels say what became of them. */
export interface RequestMetric {
  /** Without `_bucket` and `_count`; seconds. */
  readonly name: string
  readonly selector: string
  readonly failed: string
  readonly comment: string
}

export const REQUEST_METRICS: Readonly<Record<string, RequestMetric>> = {
  requests: {
    name: 'http_server_request_duration_seconds',
    selector: '',
    failed: 'error_type!=""',
    comment: 'Requests, from the histogram http.server.request.duration that applications send (LETTA_OTEL_PREFERRED_TEMPORALITY=2).'
  },
  'span-metrics': {
    name: 'traces_span_metrics_duration_seconds',
    selector: 'span_kind="SPAN_KIND_SERVER"',
    failed: 'status_code="STATUS_CODE_ERROR"',
    comment: 'Requests, from what a collector\'s span_metrics counts of their spans. Instead of requests.yaml, not beside it.'
  }
}

const SERVER_ERROR = 'http_response_status_code=~"5.."'
const WINDOWS = ['5m', '30m', '1h', '6h', '3d'] as const
type Window = typeof WINDOWS[number]
const failedPart = (window: Window): string => `job:letta_otel_failed_requests:ratio_rate${window}`

/** Pairs of windows and factors of Google's SRE workbook, chapter 5, for a budget of 30 days. */
const BURN_RATES: ReadonlyArray<{ readonly long: Window, readonly short: Window, readonly factor: number, readonly spent: string, readonly severity: Alert['severity'] }> = [
  { long: '1h', short: '5m', factor: 14.4, spent: '2 %', severity: 'critical' },
  { long: '6h', short: '30m', factor: 6, spent: '5 %', severity: 'critical' },
  { long: '3d', short: '6h', factor: 1, spent: '10 %', severity: 'warning' }
]

/** Rules on one histogram of requests. */
export function requestRules ({ name, selector, failed, comment }: RequestMetric): string {
  const series = (suffix: string, ...matchers: readonly string[]): string => {
    const all = [selector, ...matchers].filter(matcher => matcher !== '').join(', ')
    return `${name}_${suffix}${all === '' ? '' : `{${all}}`}`
  }
  const rate = (by: string, window: Window, ...matchers: readonly string[]): string => `sum by (${by}) (rate(${series('count', ...matchers)}[${window}]))`
  const enough = (by: string, window: Window = '5m'): string => `sum by (${by}) (increase(${series('count')}[${window}])) >= 10`
  const recordings: Recording[] = WINDOWS.map(window => ({
    record: failedPart(window),
    expr: expression(`
      ${rate('job', window, failed)}
      / ${rate('job', window)}`)
  }))
  const ENDPOINT = 'job, http_request_method, http_route'
  const alerts: Alert[] = [
    {
      alert: 'SlowRequests',
      expr: expression(`
        histogram_quantile(0.99, sum by (job, le) (rate(${series('bucket')}[5m]))) > 5
        and on (job) ${enough('job')}`),
      for: '5m',
      severity: 'warning',
      summary: 'One in a hundred requests to {{ $labels.job }} takes longer than {{ $value | humanizeDuration }}',
      description: 'P99 above 5 seconds. Look at the slowest traces, and at the latency of the models they call.'
    },
    {
      alert: 'ServerErrors',
      expr: expression(`
        ${rate('job', '5m', SERVER_ERROR)}
        / ${rate('job', '5m')} > 0.01
        and on (job) ${enough('job')}`),
      severity: 'critical',
      summary: '{{ $labels.job }} answers {{ $value | humanizePercentage }} of requests with 5xx',
      description: 'Above 1 % over 5 minutes. Look at the failing traces and at the exceptions on them.'
    },
    {
      alert: 'EndpointErrors',
      expr: expression(`
        ${rate(ENDPOINT, '5m', failed)}
        / ${rate(ENDPOINT, '5m')} > 0.05
        and on (${ENDPOINT}) ${enough(ENDPOINT)}`),
      severity: 'warning',
      summary: '{{ $labels.http_request_method }} {{ $labels.http_route }} of {{ $labels.job }} fails {{ $value | humanizePercentage }} of the time',
      description: 'Above 5 % over 5 minutes: 5xx, time-outs, connections that were closed before the answer was complete.'
    },
    ...BURN_RATES.map(({ long, short, factor, spent, severity }): Alert => ({
      alert: `ErrorBudgetBurn${long}`,
      expr: expression(`
        ${failedPart(long)} > ${factor} * (1 - scalar(letta_otel:objective:ratio))
        and ${failedPart(short)} > ${factor} * (1 - scalar(letta_otel:objective:ratio))
        and on (job) ${enough('job', long)}`),
      severity,
      summary: `{{ $labels.job }} fails {{ $value | humanizePercentage }} of requests over ${long}, and over ${short} too`,
      description: `At ${factor} times the rate that the objective allows, ${spent} of the 30 days' error budget are gone after ${long}.`
    }))
  ]
  const objective: Recording = {
    record: 'letta_otel:objective:ratio',
    expr: expression(`
    # Part of requests that should be good: say yours here.
    vector(0.999)`)
  }
  const selected = name === REQUEST_METRICS['requests']!.name ? [slowEndpoint] : []
  // One group: its rules are looked at one after the other, and what is recorded is as new as what is asked of it.
  return ruleFile(`${comment}\nWritten by \`npm run monitoring\`.`, [{ name: 'letta-otel requests', rules: [objective, ...recordings, ...alerts, ...selected] }])
}

/** Of the endpoints that `endpointMetrics` selects: its buckets end at five minutes, those of all requests at ten seconds. */
const slowEndpoint: Alert = {
  alert: 'SlowEndpoint',
  expr: expression(`
    histogram_quantile(0.99, sum by (job, method, endpoint_path, le) (rate(hist_endpoint_e2e_ms_milliseconds_bucket[5m]))) > 60000
    and on (job, method, endpoint_path) sum by (job, method, endpoint_path) (increase(hist_endpoint_e2e_ms_milliseconds_count[5m])) >= 10`),
  for: '5m',
  severity: 'warning',
  summary: 'One in a hundred requests for {{ $labels.method }} {{ $labels.endpoint_path }} of {{ $labels.job }} takes longer than {{ $value | humanize }} ms',
  description: 'P99 above a minute, of an endpoint that endpointMetrics selects; its buckets end at five minutes.'
}
