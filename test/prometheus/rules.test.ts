/** What ships in docs/prometheus, tested by Prometheus' own tool. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { temporaryDirectory } from '../temporary-directory.ts'
import { prometheusFiles } from './definitions/files.ts'
import { REQUEST_METRICS } from './definitions/requests.ts'
import { promtool, readRules, RULES, testRules, WITHOUT_PROMTOOL, type Expected, type InputSeries } from './promtool.ts'

const directory = temporaryDirectory(t)
const COLLECTOR = 'collector.yaml'

t.test('files are what they are defined as: npm run monitoring', async t => {
  for (const [path, text] of Object.entries(prometheusFiles())) t.equal(readFileSync(join(RULES, '..', path), 'utf8'), text, path)
})

t.test('promtool finds no fault in them', { skip: WITHOUT_PROMTOOL }, async t => {
  for (const path of Object.keys(prometheusFiles())) {
    const { ok, text } = promtool(['check', 'rules', '--lint-fatal', join(RULES, '..', path)])
    t.ok(ok, text)
  }
})

t.test('every metric of the collector that a rule asks for is one that it was seen to have, with the labels asked for', async t => {
  // Of otelcol-letta 0.161.0 with the configuration clickhouse, whose back end was away, and whose queue had no room.
  const seen = new Map(readFileSync(new URL('collector-metrics.txt', import.meta.url), 'utf8').trim().split('\n').map(line => {
    const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(line) ?? []
    return [name, new Set(labels.split(','))] as const
  }))
  const rules = readRules(COLLECTOR)
  t.ok(rules.length > 5 && seen.size > 20)
  for (const { expr } of rules) for (const [name] of expr.matchAll(/otelcol_\w+/g)) t.ok(seen.has(name), name)
  for (const { expr } of rules) {
    for (const [, labels = '', metric = ''] of expr.matchAll(/sum by \(job, instance, (\w+)\) \(increase\((\w+)/g)) t.ok(seen.get(metric)!.has(labels), `${metric} by ${labels}`)
  }
})

t.test('the collector', { skip: WITHOUT_PROMTOOL }, async t => {
  const at = 'job="otelcol", instance="one:8888"'
  const labels = { job: 'otelcol', instance: 'one:8888' }
  const MIB = 1_024 * 1_024
  const fine: InputSeries = {
    [`otelcol_process_runtime_heap_alloc_bytes{${at}}`]: `${690 * MIB}x20`,
    [`otelcol_exporter_queue_size{${at}, exporter="clickhouse", data_type="traces"}`]: '79x20',
    [`otelcol_exporter_queue_capacity{${at}, exporter="clickhouse", data_type="traces"}`]: '100x20',
    [`otelcol_receiver_accepted_spans{${at}, receiver="otlp", transport="http"}`]: '0+100x20',
    [`otelcol_receiver_refused_spans{${at}, receiver="otlp", transport="http"}`]: '0x20',
    [`otelcol_exporter_send_failed_spans{${at}, exporter="clickhouse"}`]: '7x20',
    [`otelcol_exporter_sent_spans{${at}, exporter="clickhouse"}`]: '0+100x20'
  }
  // What failed long ago counts where it was first seen, and no more.
  const began = { CollectorLosesTelemetry: [{ labels: { ...labels, exporter: 'clickhouse', signal: 'traces' }, summary: '7 traces of clickhouse at one:8888 were given up' }] }
  const troubled: InputSeries = {
    ...fine,
    [`otelcol_process_runtime_heap_alloc_bytes{${at}}`]: `${700 * MIB}x20`,
    [`otelcol_exporter_queue_size{${at}, exporter="clickhouse", data_type="traces"}`]: '90x20',
    [`otelcol_receiver_accepted_spans{${at}, receiver="otlp", transport="http"}`]: '5x20',
    // Refused from the eleventh minute on, over two transports; the first failures of a kind bring their series with them.
    [`otelcol_receiver_refused_spans{${at}, receiver="otlp", transport="http"}`]: '0x10 1+1x14',
    [`otelcol_receiver_refused_spans{${at}, receiver="otlp", transport="grpc"}`]: '0x10 1+1x14',
    [`otelcol_exporter_enqueue_failed_log_records{${at}, exporter="clickhouse"}`]: '_x13 3x10',
    [`otelcol_receiver_failed_metric_points{${at}, receiver="otlp", transport="http"}`]: '_x13 4x10'
  }
  const lasting = {
    CollectorMemoryNearLimit: [{ labels, summary: 'The collector at one:8888 has 700MiB of memory in use' }],
    CollectorQueueFilling: [{ labels: { ...labels, exporter: 'clickhouse', data_type: 'traces' }, summary: 'The queue of traces for clickhouse at one:8888 is 90% full' }],
    NoTracesReceived: [{ labels: {}, summary: 'No collector has received a span for 5 minutes' }]
  }
  const refused = [{ labels: { ...labels, receiver: 'otlp', signal: 'traces' }, summary: '10 traces of otlp at one:8888 were refused' }]
  const cases: ReadonlyArray<readonly [what: string, series: InputSeries, expected: readonly Expected[]]> = [
    ['all is well', fine, [{ minute: 1, alerts: began }, { minute: 10, alerts: {} }]],
    ['nothing is well', troubled, [
      { minute: 4, alerts: { ...began, NoTracesReceived: lasting.NoTracesReceived } },
      { minute: 9, alerts: lasting },
      {
        minute: 16,
        alerts: {
          ...lasting,
          CollectorRefusesTelemetry: refused,
          CollectorQueueFull: [{ labels: { ...labels, exporter: 'clickhouse', signal: 'logs' }, summary: '3 logs of clickhouse at one:8888 found no room in the queue' }],
          CollectorReceiverFails: [{ labels: { ...labels, receiver: 'otlp', signal: 'metrics' }, summary: '4 metrics of otlp at one:8888 could not be taken' }]
        }
      },
      { minute: 20, alerts: { ...lasting, CollectorRefusesTelemetry: refused } }
    ]],
    ['no collector', { 'up{job="other"}': '1x20' }, [
      { minute: 4, alerts: {} }, { minute: 5, alerts: { NoCollectorHeard: [{ labels: {}, summary: 'No collector says anything of spans for 5 minutes' }] } }
    ]]
  ]
  for (const [what, series, expected] of cases) {
    const { ok, text } = testRules(directory, COLLECTOR, series, expected)
    t.ok(ok, `${what}\n${text}`)
  }
  t.notOk(testRules(directory, COLLECTOR, fine, [{ minute: 10, alerts: began }]).ok, 'what does not fire is not taken for firing')
})

for (const [name, { name: metric, selector, failed }] of Object.entries(REQUEST_METRICS)) {
  t.test(`${name}: requests`, { skip: WITHOUT_PROMTOOL }, async t => {
    const file = `${name}.yaml`
    const ok = failed.startsWith('error_type') ? '' : 'status_code="STATUS_CODE_UNSET"'
    const series = (job: string, suffix: string, ...matchers: readonly string[]): string => `${metric}_${suffix}{${[`job="${job}"`, selector, ...matchers].filter(text => text !== '').join(', ')}}`
    const requests = (job: string, route: string, values: string, good = true): InputSeries => ({
      [series(job, 'count', `http_request_method="GET", http_route="${route}"`, ...(good
        ? ['http_response_status_code="200"', ok]
        : ['http_response_status_code="500"', failed.replace('!=""', '="500"')]))]: values
    })
    const durations = (job: string, good: string, slow: string): InputSeries => ({
      [series(job, 'bucket', 'le="2.5"')]: good, [series(job, 'bucket', 'le="5"')]: good, [series(job, 'bucket', 'le="7.5"')]: slow, [series(job, 'bucket', 'le="+Inf"')]: slow
    })
    const input: InputSeries = {
      ...requests('fine', '/', '0+100x100'),
      ...durations('fine', '0+99.5x30', '0+100x30'),
      ...requests('slow', '/', '0+100x30'),
      ...durations('slow', '0+50x30', '0+100x30'),
      // Two requests in five minutes say nothing.
      ...requests('seldom', '/', '0+0.1x100', false),
      ...durations('seldom', '0x30', '0+0.1x100'),
      ...requests('failing', '/a', '0+18x100'),
      ...requests('failing', '/a', '0+2x100', false),
      ...requests('failing', '/b', '0+80x100'),
      ...requests('recovered', '/', '0+100x100'),
      ...requests('recovered', '/', '0+50x60 3000x40', false),
      ...requests('a-little', '/', '0+1000x100'),
      ...requests('a-little', '/', '0+2x100', false)
    }
    const slow = { SlowRequests: [{ labels: { job: 'slow' }, summary: 'One in a hundred requests to slow takes longer than 7.45s' }] }
    const errors = {
      ServerErrors: [{ labels: { job: 'failing' }, summary: 'failing answers 2% of requests with 5xx' }],
      EndpointErrors: [{ labels: { job: 'failing', http_request_method: 'GET', http_route: '/a' }, summary: 'GET /a of failing fails 10% of the time' }]
    }
    const burns = (window: string, short: string, ...failing: ReadonlyArray<readonly [job: string, part: string]>) =>
      failing.map(([job, part]) => ({ labels: { job }, summary: `${job} fails ${part} of requests over ${window}, and over ${short} too` }))
    const tested = testRules(directory, file, input, [
      {
        minute: 4,
        alerts: {
          ServerErrors: [...errors.ServerErrors, { labels: { job: 'recovered' }, summary: 'recovered answers 33.33% of requests with 5xx' }],
          EndpointErrors: [...errors.EndpointErrors, { labels: { job: 'recovered', http_request_method: 'GET', http_route: '/' }, summary: 'GET / of recovered fails 33.33% of the time' }],
          ErrorBudgetBurn1h: burns('1h', '5m', ['failing', '2%'], ['recovered', '33.33%']),
          ErrorBudgetBurn6h: burns('6h', '30m', ['failing', '2%'], ['recovered', '33.33%']),
          ErrorBudgetBurn3d: burns('3d', '6h', ['failing', '2%'], ['recovered', '33.33%'], ['a-little', '0.1996%'])
        }
      },
      {
        minute: 75,
        alerts: {
          ...errors,
          // What is over still counts in the long windows; the short ones say that it is over.
          ErrorBudgetBurn1h: burns('1h', '5m', ['failing', '2%']),
          ErrorBudgetBurn6h: burns('6h', '30m', ['failing', '2%'], ['recovered', '28.57%']),
          ErrorBudgetBurn3d: burns('3d', '6h', ['failing', '2%'], ['recovered', '28.57%'], ['a-little', '0.1996%'])
        }
      }
    ])
    t.ok(tested.ok, tested.text)
    const lasting = testRules(directory, file, { ...requests('slow', '/', '0+100x30'), ...durations('slow', '0+50x30', '0+100x30') }, [{ minute: 5, alerts: {} }, { minute: 6, alerts: slow }])
    t.ok(lasting.ok, lasting.text)
    t.notOk(testRules(directory, file, input, [{ minute: 75, alerts: slow }]).ok, 'what does not fire is not taken for firing')
  })
}

t.test('requests: an endpoint that endpointMetrics selects', { skip: WITHOUT_PROMTOOL }, async t => {
  const of = 'job="agents", method="POST", endpoint_path="/v1/agents/:agent_id/messages"'
  const input: InputSeries = {
    [`hist_endpoint_e2e_ms_milliseconds_bucket{${of}, le="60000"}`]: '0+50x30',
    [`hist_endpoint_e2e_ms_milliseconds_bucket{${of}, le="120000"}`]: '0+100x30',
    [`hist_endpoint_e2e_ms_milliseconds_bucket{${of}, le="+Inf"}`]: '0+100x30',
    [`hist_endpoint_e2e_ms_milliseconds_count{${of}}`]: '0+100x30'
  }
  const { ok, text } = testRules(directory, 'requests.yaml', input, [{ minute: 5, alerts: {} }, {
    minute: 6,
    alerts: {
      SlowEndpoint: [{
        labels: { job: 'agents', method: 'POST', endpoint_path: '/v1/agents/:agent_id/messages' },
        summary: 'One in a hundred requests for POST /v1/agents/:agent_id/messages of agents takes longer than 118.8k ms'
      }]
    }
  }])
  t.ok(ok, text)
})
