import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { SIGNALS } from '../../lib/export/parcel.ts'
import { resolveOptions, type LettaOtelOptions } from '../../lib/options.ts'
import { checkEndpoints, sentSignals } from '../../lib/runtime/check-endpoints.ts'
import { CERTIFICATE, KEY } from '../export/tls-identity.ts'
import { describeEndpoint, otlpEndpoints } from '../../lib/runtime/otlp-endpoints.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Checks what an application with these options reads of this environment. */
function check (env: Readonly<Record<string, string>>, options: LettaOtelOptions = {}): () => void {
  const resolved = resolveOptions({ destination: 'otlp', logs: { otlp: true }, ...options }, env)
  return () => { checkEndpoints(resolved.runtime, sentSignals(resolved), env) }
}

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
})

t.test('variables that nothing reads stop nobody', async t => {
  const bad = 'api key=s3cret'
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_HEADERS: bad }, { destination: 'files' }), 'nothing is sent there')
  for (const signal of SIGNALS) t.throws(check({ [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`]: bad }), signal)
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_LOGS_HEADERS: bad }, { logs: {} }))
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_LOGS_HEADERS: bad, OTEL_LOGS_EXPORTER: 'otlp' }, { logs: false }))
  t.throws(check({ OTEL_EXPORTER_OTLP_LOGS_HEADERS: bad, OTEL_LOGS_EXPORTER: 'otlp' }, { logs: {} }), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: bad, OTEL_TRACES_EXPORTER: 'none' }))
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_METRICS_HEADERS: bad, OTEL_METRICS_EXPORTER: 'none' }))
  const nobody = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_HEADERS: bad, ...nobody }, { logs: false }))
  t.throws(check({ OTEL_EXPORTER_OTLP_HEADERS: bad, ...nobody }), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=%0A' }, { headers: { 'api-key': 'x' } }), 'another value is sent')
  t.throws(check({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=%0A', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=x' }), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' }, 'with other signals')
})

t.test('a file of certificates that holds none is refused', async t => {
  const directory = temporaryDirectory(t, {
    'empty.pem': '', 'key.pem': KEY, 'none.pem': '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n', 'good.pem': `# ours\n${CERTIFICATE}`
  })
  const checkFile = (file: string) => check({ OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: `${directory}/${file}` })
  for (const file of ['empty.pem', 'key.pem', 'none.pem']) {
    t.throws(checkFile(file), {
      code: 'LETTA_OTEL_INVALID_ENVIRONMENT',
      message: `environment variable OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE cannot be "${directory}/${file}", a file without a certificate: name a file of certificates in PEM`
    })
  }
  t.doesNotThrow(checkFile('good.pem'))
  t.doesNotThrow(checkFile('missing.pem'), 'that is told when it is used: it may be there by then')
  const variables = { OTEL_EXPORTER_OTLP_CERTIFICATE: `${directory}/empty.pem` }
  t.throws(check(variables), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
  const own = Object.fromEntries(SIGNALS.map(signal => [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_CERTIFICATE`, `${directory}/good.pem`]))
  t.doesNotThrow(check({ ...variables, ...own }), 'every signal has its own')
})

t.test('so are files that should say who the client is', async t => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const encrypted = pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()
  const traditional = pair.privateKey.export({ type: 'sec1', format: 'pem' }).toString()
  const directory = temporaryDirectory(t, { 'empty.pem': '', 'cert.pem': CERTIFICATE, 'key.pem': KEY, 'both.pem': CERTIFICATE + KEY, encrypted, traditional })
  const certificate = (file: string) => check({ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: `${directory}/${file}` })
  const key = (file: string) => check({ OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: `${directory}/${file}` })
  for (const file of ['cert.pem', 'both.pem', 'missing.pem']) t.doesNotThrow(certificate(file), file)
  for (const file of ['key.pem', 'both.pem', 'traditional', 'missing.pem']) t.doesNotThrow(key(file), file)
  t.throws(certificate('key.pem'), {
    code: 'LETTA_OTEL_INVALID_ENVIRONMENT',
    message: `environment variable OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE cannot be "${directory}/key.pem", a file without a certificate: name a file of certificates in PEM`
  })
  for (const file of ['empty.pem', 'cert.pem', 'encrypted']) {
    t.throws(key(file), {
      code: 'LETTA_OTEL_INVALID_ENVIRONMENT',
      message: `environment variable OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY cannot be "${directory}/${file}", a file without a private key that can be read: ` +
        'name a file of a private key in PEM, which no passphrase encrypts'
    })
  }
})

t.test('a pipe is left to whoever needs what is in it', { skip: process.platform === 'win32' && 'has no such files' }, async t => {
  const path = `${temporaryDirectory(t)}/pipe`
  execFileSync('mkfifo', [path])
  const reader = createReadStream(path, { encoding: 'utf8' })
  const writer = createWriteStream(path)
  await Promise.all([once(reader, 'open'), once(writer, 'open')])
  writer.end(CERTIFICATE)
  await once(writer, 'close')
  t.doesNotThrow(check({ OTEL_EXPORTER_OTLP_CERTIFICATE: path }))
  t.equal(await text(reader), CERTIFICATE)
})
