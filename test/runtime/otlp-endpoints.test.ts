import t from 'tap'
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
  t.strictSame(given.headers, { 'api-key': 'x' })
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
  t.strictSame(endpoints.headers, { a: '1', b: 'option', c: 'x y' })
  t.equal(endpoints.timeoutMs, 5_000)
  t.equal(endpoints.compression, 'gzip')
  t.strictSame(endpoints.tls, { ca: '/ca.pem', cert: undefined, key: undefined })
})

t.test('what cannot be is ignored with a warning', async t => {
  const problems: string[] = []
  const { compression, timeoutMs } = otlpEndpoints(runtimeOptions({}), { OTEL_EXPORTER_OTLP_COMPRESSION: 'brotli', OTEL_EXPORTER_OTLP_TIMEOUT: '-1' }, problem => { problems.push(problem) })
  t.equal(compression, undefined)
  t.equal(timeoutMs, undefined)
  t.match(problems, [/"brotli" is not one of: none, gzip, zstd/])
})
