import t from 'tap'
import { checkEndpoints } from '../../lib/runtime/check-endpoints.ts'
import { CERTIFICATE, KEY } from '../export/tls-identity.ts'
import { describeEndpoint, otlpEndpoints } from '../../lib/runtime/otlp-endpoints.ts'
import { runtimeOptions } from '../fixtures/options.ts'

const never = (problem: string): void => { throw new Error(problem) }

t.test('the default, and what one option says', async t => {
  const local = otlpEndpoints(runtimeOptions({}), {}, never)
  t.strictSame(local.endpoints, {
    traces: 'http://localhost:4318/v1/traces', metrics: 'http://localhost:4318/v1/metrics', logs: 'http://localhost:4318/v1/logs'
  })
  const given = otlpEndpoints(runtimeOptions({ endpoint: 'https://me:secret@collector:4318/tenant/?a=b', headers: { 'api-key': 'x' } }), {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://other', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other/x'
  }, never)
  t.equal(given.endpoints.traces, 'https://me:secret@collector:4318/tenant/v1/traces?a=b')
  t.strictSame(given.settings.traces.headers, { 'api-key': 'x' })
  t.equal(describeEndpoint(given), 'https://collector:4318/tenant/v1/traces')
})

t.test('the standard variables', async t => {
  const endpoints = otlpEndpoints(runtimeOptions({ headers: { b: 'option' } }), {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics/own',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=env,c=x%20y',
    OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem'
  }, never)
  t.strictSame(endpoints.endpoints, {
    traces: 'http://collector:4318/v1/traces', metrics: 'http://metrics/own', logs: 'http://collector:4318/v1/logs'
  })
  for (const settings of Object.values(endpoints.settings)) {
    t.strictSame(settings, {
      headers: { a: '1', b: 'option', c: 'x y' },
      timeoutMs: 5_000,
      compression: 'gzip',
      tls: { ca: '/ca.pem', cert: undefined, key: undefined }
    })
  }
})

t.test("a signal's own variables win over the general ones, and an option over both", async t => {
  const { settings } = otlpEndpoints(runtimeOptions({ headers: { option: 'o' } }), {
    OTEL_EXPORTER_OTLP_HEADERS: 'a=general,b=general,option=general',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=traces,option=traces',
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'b=metrics',
    OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
    OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '700',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/traces-ca.pem',
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: '/traces.pem',
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/traces-key.pem'
  }, never)
  t.strictSame(settings, {
    traces: {
      headers: { a: 'general', b: 'traces', option: 'o' },
      timeoutMs: 5_000,
      compression: 'gzip',
      tls: { ca: '/traces-ca.pem', cert: '/traces.pem', key: '/traces-key.pem' }
    },
    metrics: {
      headers: { a: 'general', b: 'metrics', option: 'o' },
      timeoutMs: 5_000,
      compression: 'none',
      tls: { ca: '/ca.pem', cert: undefined, key: undefined }
    },
    logs: {
      headers: { a: 'general', b: 'general', option: 'o' },
      timeoutMs: 700,
      compression: 'gzip',
      tls: { ca: '/ca.pem', cert: undefined, key: undefined }
    }
  })
})

t.test('what cannot be is ignored with a warning', async t => {
  const problems = new Set<string>()
  const { settings } = otlpEndpoints(runtimeOptions({}), {
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'brotli',
    OTEL_EXPORTER_OTLP_TIMEOUT: '-1',
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '3000000000'
  }, problem => { problems.add(problem) })
  t.match(settings.traces, { compression: 'gzip', timeoutMs: undefined })
  t.equal(settings.metrics.timeoutMs, undefined, 'a timer that is set for longer fires at once')
  t.strictSame(new Set(problems), new Set([
    'environment variable OTEL_EXPORTER_OTLP_TIMEOUT is ignored: "-1" is not one of: a number of milliseconds above 0, 2147483647 at most',
    'environment variable OTEL_EXPORTER_OTLP_METRICS_TIMEOUT is ignored: "3000000000" is not one of: a number of milliseconds above 0, 2147483647 at most',
    'environment variable OTEL_EXPORTER_OTLP_TRACES_COMPRESSION is ignored: "brotli" is not one of: none, gzip, zstd'
  ]))
})

t.test('headers that cannot be sent are refused by their names, without what may be a value', async t => {
  const check = (env: Record<string, string>) => () => { checkEndpoints({ destination: 'otlp' }, env) }
  check({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=s3cret%20value,other=1', OTEL_EXPORTER_OTLP_LOGS_HEADERS: '' })()
  for (const [headers, shown] of [['api key=s3cret', '"api…"'], ['authorization: Bearer s3cret=x', '"authorization…"'], ['k\u00e9y=s3cret', '"k…"']] as const) {
    t.throws(check({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers }), {
      code: 'LETTA_OTEL_INVALID_ENVIRONMENT',
      message: `environment variable OTEL_EXPORTER_OTLP_TRACES_HEADERS cannot be a list with the header ${shown}: ` +
        'use names of HTTP headers, as in name=value,other-name=value'
    })
  }
  t.throws(check({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=s3cret%0A' }), {
    message: 'environment variable OTEL_EXPORTER_OTLP_HEADERS cannot be a list with the header "api-key": its value has to be a text of one line'
  })
  t.doesNotThrow(() => { checkEndpoints({ destination: 'files' }, { OTEL_EXPORTER_OTLP_HEADERS: 'a b=c' }) }, 'nothing is sent there')
})

t.test('a file of certificates that holds none is refused', async t => {
  const directory = t.testdir({
    'empty.pem': '', 'key.pem': KEY, 'none.pem': '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n', 'good.pem': `# ours\n${CERTIFICATE}`
  })
  const check = (file: string) => () => { checkEndpoints({ destination: 'otlp' }, { OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: `${directory}/${file}` }) }
  for (const file of ['empty.pem', 'key.pem', 'none.pem']) {
    t.throws(check(file), {
      code: 'LETTA_OTEL_INVALID_ENVIRONMENT',
      message: `environment variable OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE cannot be "${directory}/${file}", a file without a certificate: name a file of certificates in PEM`
    })
  }
  t.doesNotThrow(check('good.pem'))
  t.doesNotThrow(check('missing.pem'), 'that is told when it is used: it may be there by then')
})
