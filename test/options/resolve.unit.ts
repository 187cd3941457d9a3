import { AlwaysOffSampler } from '@opentelemetry/sdk-trace'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { LETTA_CONTEXT_HEADERS } from '../../lib/vocabulary/context.ts'
import { SECRET_QUERY_KEYS } from '../../lib/vocabulary/secrets.ts'
import { resolveOptions, type LettaOtelOptions } from '../../lib/options.ts'

t.test('under a test runner, a store is one that code names', async t => {
  const memory = { path: ':memory:' }
  for (const [given, test, otherwise] of [[true, false, true], [false, false, false], [undefined, false, false], [memory, memory, memory]] as const) {
    const options = given === undefined ? {} : { store: given }
    t.strictSame(resolveOptions(options, { NODE_ENV: 'test', CLICKHOUSE_ENDPOINT: 'http://127.0.0.1:8123' }).store, test)
    t.strictSame(resolveOptions(options, { CLICKHOUSE_ENDPOINT: 'http://127.0.0.1:8123' }).store, otherwise)
  }
})

t.test('defaults', async t => {
  const { disabled, runtime, given, request, logs, errorReplies, shutdownTimeoutMs, warnings } = resolveOptions({}, {})
  t.strictSame({ disabled, given, errorReplies, shutdownTimeoutMs, warnings }, {
    disabled: false, given: [], errorReplies: false, shutdownTimeoutMs: 2_000, warnings: []
  })
  t.strictSame(runtime, {
    serviceName: undefined,
    serviceVersion: undefined,
    environment: 'development',
    resourceAttributes: {},
    destination: 'files',
    endpoint: undefined,
    headers: {},
    protocols: { traces: 'http/json', metrics: 'http/json' },
    signals: { traces: true, metrics: true },
    exportIntervalMs: 60_000,
    engine: 'fast',
    temporality: 'delta',
    exemplarFilter: 'trace_based',
    sampler: undefined,
    samplerName: undefined,
    samplerArgument: undefined,
    propagators: ['tracecontext', 'baggage'],
    instrumentations: [],
    redactQuery: new Set(SECRET_QUERY_KEYS),
    lettaDirectory: join(homedir(), '.letta')
  })
  t.strictSame(logs, { correlation: true, ddFormat: 'decimal64', keys: 'flat', file: true, otlp: false })
  t.strictSame(request, {
    exclude: ['GET /v1/health'],
    captureHeaders: { request: [], response: [] },
    contextHeaders: Object.entries(LETTA_CONTEXT_HEADERS).map(([header, to]) => ({ header, ...to })),
    captureBody: [],
    secretQueryKeys: new Set(SECRET_QUERY_KEYS),
    semantics: 'stable',
    isError: undefined,
    trustIncoming: true,
    endpointMetrics: { include: [/^/], exclude: [], streams: 'include' },
    knownMethods: new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE']),
    keep: undefined
  })
})

t.test('every option that is given is taken', async t => {
  const sampler = new AlwaysOffSampler()
  const instrumentations = [new HttpInstrumentation({ enabled: false })]
  const isError = (): boolean => true
  const trustIncoming = (): boolean => false
  const { runtime, request, logs, errorReplies, shutdownTimeoutMs } = resolveOptions({
    serviceName: 'name',
    serviceVersion: '2',
    environment: 'staging',
    endpoint: 'http://collector:4318',
    headers: { 'api-key': 'x' },
    destination: 'none',
    exportIntervalMs: 7,
    engine: 'sdk',
    exclude: ['/a'],
    captureHeaders: { request: ['X-A'], response: ['X-B'] },
    contextHeaders: { 'X-Tenant': 'tenant', 'x-seat': { attribute: 'seat', ambient: true } },
    captureBody: ['model'],
    redactQuery: ['Session'],
    semantics: 'both',
    isError,
    errorReplies: true,
    trustIncoming,
    temporality: 'cumulative',
    endpointMetrics: { include: ['/b'], exclude: [/c/], streams: 'exclude' },
    logs: { correlation: false, ddFormat: 'hex128', keys: 'nested', file: true, otlp: true },
    sampler,
    resourceAttributes: { team: 'x' },
    instrumentations,
    keep: { errors: true },
    shutdownTimeoutMs: 5
  }, {})
  const secretQueryKeys = new Set([...SECRET_QUERY_KEYS, 'session'])
  t.match(runtime, {
    serviceName: 'name',
    serviceVersion: '2',
    environment: 'staging',
    endpoint: 'http://collector:4318',
    headers: { 'api-key': 'x' },
    destination: 'none',
    exportIntervalMs: 7,
    temporality: 'cumulative',
    resourceAttributes: { team: 'x' },
    redactQuery: secretQueryKeys
  })
  t.equal(runtime.sampler, sampler)
  t.equal(runtime.instrumentations, instrumentations)
  t.strictSame(request, {
    exclude: ['/a'],
    captureHeaders: { request: ['x-a'], response: ['x-b'] },
    contextHeaders: [{ header: 'x-tenant', attribute: 'tenant' }, { header: 'x-seat', attribute: 'seat', ambient: true }],
    captureBody: ['model'],
    secretQueryKeys,
    semantics: 'both',
    isError,
    trustIncoming,
    endpointMetrics: { include: ['/b'], exclude: [/c/], streams: 'exclude' },
    knownMethods: request.knownMethods,
    keep: { errors: true, slowerThanMs: Infinity }
  })
  t.strictSame(logs, { correlation: false, ddFormat: 'hex128', keys: 'nested', file: true, otlp: true })
  t.equal(errorReplies, true)
  t.equal(shutdownTimeoutMs, 5)
})

t.test('keep: what is given, and nothing where nothing is to be kept', async t => {
  const keep = (keep: LettaOtelOptions['keep']): unknown => resolveOptions({ ...(keep !== undefined && { keep }) }, {}).request.keep
  t.strictSame(keep({ slowerThanMs: 0 }), { errors: false, slowerThanMs: 0 })
  t.strictSame(keep({ errors: true, slowerThanMs: 5 }), { errors: true, slowerThanMs: 5 })
  for (const none of [undefined, false, {}, { errors: false }] as const) t.equal(keep(none), undefined)
})

t.test('false leaves out logs and endpoint metrics', async t => {
  const { logs, request } = resolveOptions({ logs: false, endpointMetrics: false }, {})
  t.equal(logs, false)
  t.equal(request.endpointMetrics, false)
})

t.test('the log file belongs to files, unless an option says otherwise', async t => {
  const file = (options: LettaOtelOptions): unknown => (resolveOptions(options, {}).logs as { file: boolean }).file
  t.equal(file({ destination: 'files' }), true)
  t.equal(file({ destination: 'otlp', endpoint: 'http://a' }), false)
  t.equal(file({ destination: 'memory' }), false)
  t.equal(file({ destination: 'memory', logs: { file: true } }), true)
  t.equal(file({ destination: 'files', logs: { file: false } }), false)
})

t.test('log records are sent where the option or the environment says so', async t => {
  const otlp = (options: LettaOtelOptions, exporter?: string): unknown => (resolveOptions(options, { OTEL_LOGS_EXPORTER: exporter }).logs as { otlp: boolean }).otlp
  t.equal(otlp({}), false)
  t.equal(otlp({ logs: { otlp: true } }), true)
  t.equal(otlp({}, 'otlp'), true)
  t.equal(otlp({}, 'console, otlp'), true)
  t.equal(otlp({}, 'none'), false)
  t.equal(otlp({}, 'console'), false)
  t.equal(otlp({ logs: { otlp: false } }, 'otlp'), false)
  t.equal(otlp({ logs: { otlp: true } }, 'none'), true)
})

t.test('an option wins over OTEL_*, OTEL_* over LETTA_*, LETTA_* over the default', async t => {
  type Runtime = ReturnType<typeof resolveOptions>['runtime']
  const rows: Array<[name: keyof Runtime, option: LettaOtelOptions, otel: Record<string, string>, letta: Record<string, string>, values: unknown[]]> = [
    ['serviceName', { serviceName: 'o' }, { OTEL_SERVICE_NAME: 's', OTEL_RESOURCE_ATTRIBUTES: 'service.name=r' }, {}, ['o', 's', undefined, undefined]],
    ['serviceName', { serviceName: 'o' }, { OTEL_RESOURCE_ATTRIBUTES: 'service.name=r' }, {}, ['o', 'r', undefined, undefined]],
    ['serviceVersion', { serviceVersion: 'o' }, { OTEL_RESOURCE_ATTRIBUTES: 'service.version=r' }, {}, ['o', 'r', undefined, undefined]],
    ['environment', { environment: 'o' }, { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=r' }, { LETTA_ENVIRONMENT: 'l' }, ['o', 'r', 'l', 'development']],
    ['endpoint', { endpoint: 'http://o' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://s' }, { LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'http://l' },
      // The exporters read the standard variables themselves.
      ['http://o', undefined, 'http://l', undefined]],
    ['destination', { destination: 'none' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://s' }, { LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'http://l' }, ['none', 'otlp', 'otlp', 'files']],
    ['exportIntervalMs', { exportIntervalMs: 1 }, { OTEL_METRIC_EXPORT_INTERVAL: '2' }, {}, [1, 2, 60_000, 60_000]],
    ['temporality', { temporality: 'delta' }, { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'lowmemory' }, { LETTA_OTEL_PREFERRED_TEMPORALITY: '2' },
      ['delta', 'lowmemory', 'cumulative', 'delta']]
  ]
  for (const [name, option, otel, letta, values] of rows) {
    t.strictSame([
      resolveOptions(option, { ...otel, ...letta }).runtime[name],
      resolveOptions({}, { ...otel, ...letta }).runtime[name],
      resolveOptions({}, letta).runtime[name],
      resolveOptions({}, {}).runtime[name]
    ], values, name)
  }
})

t.test('a bad LETTA_* variable throws', async t => {
  t.throws(() => resolveOptions({}, { LETTA_OTEL_PREFERRED_TEMPORALITY: 'delta' }), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
  t.throws(() => resolveOptions({}, { LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }), {
    message: 'environment variable LETTA_OTEL_EXPORTER_OTLP_ENDPOINT cannot be "localhost:4318": use an http: or https: URL such as http://127.0.0.1:4318'
  })
})

t.test('what an option overrules is not even read', async t => {
  t.equal(resolveOptions({ temporality: 'delta' }, { LETTA_OTEL_PREFERRED_TEMPORALITY: 'nonsense' }).runtime.temporality, 'delta')
})

t.test('sampler, propagators, exporters and the switch come from the environment', async t => {
  const { disabled, runtime, warnings } = resolveOptions({}, {
    OTEL_SDK_DISABLED: 'TRUE',
    OTEL_TRACES_SAMPLER: 'TraceIdRatio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
    OTEL_PROPAGATORS: 'b3, none',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRICS_EXEMPLAR_FILTER: 'Always_On',
    LETTA_DIR: '/letta'
  })
  t.equal(disabled, true)
  t.match(runtime, {
    samplerName: 'traceidratio',
    samplerArgument: '0.5',
    propagators: ['b3', 'none'],
    signals: { traces: false, metrics: true },
    exemplarFilter: 'always_on',
    lettaDirectory: '/letta'
  })
  t.strictSame(warnings, [])
})

t.test('bad OTEL_* values are ignored, each with a warning', async t => {
  const { runtime, warnings } = resolveOptions({}, {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_METRIC_EXPORT_INTERVAL: 'often',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'x',
    OTEL_METRICS_EXEMPLAR_FILTER: 'with_sampled_trace',
    OTEL_TRACES_SAMPLER: 'jaeger_remote'
  })
  t.match(runtime, { protocols: { traces: 'http/json', metrics: 'http/json' }, exportIntervalMs: 60_000, temporality: 'delta', exemplarFilter: 'trace_based', samplerName: undefined })
  t.strictSame([...new Set(warnings)], [
    'environment variable OTEL_EXPORTER_OTLP_PROTOCOL is ignored: "grpc" is not one of: http/json, http/protobuf',
    'environment variable OTEL_METRIC_EXPORT_INTERVAL is ignored: "often" is not one of: a whole number from 1 to 2147483647',
    'environment variable OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is ignored: "x" is not one of: cumulative, delta, lowmemory',
    'environment variable OTEL_METRICS_EXEMPLAR_FILTER is ignored: "with_sampled_trace" is not one of: trace_based, always_on, always_off',
    'environment variable OTEL_TRACES_SAMPLER is ignored: "jaeger_remote" is not one of: always_on, always_off, traceidratio, ' +
    'parentbased_always_on, parentbased_always_off, parentbased_traceidratio'
  ])
})

t.test('the options of register() itself are let through', async t => {
  const options = { prefix: '/v1', logLevel: 'warn', logSerializers: {}, serviceName: 'a' } as LettaOtelOptions
  t.equal(resolveOptions(options, {}).runtime.serviceName, 'a')
})

t.test('given: runtime options that code stated, as opposed to defaults', async t => {
  const { given } = resolveOptions({ serviceName: 'a', temporality: 'delta', environment: undefined as never, semantics: 'both', logs: {} }, { LETTA_ENVIRONMENT: 'x' })
  t.strictSame(given, ['serviceName', 'temporality'])
})

t.test('credentials of an endpoint are never shown', async t => {
  for (const endpoint of ['ftp://me:hunter2@host', 'ftp://host/?api_key=hunter2', 'me:hunter2@host:4318', 'http://me:hun/ter2@host']) {
    t.throws(() => resolveOptions({ endpoint }, {}), { code: 'LETTA_OTEL_INVALID_OPTION', message: /"endpoint" cannot be "(ftp:\/\/)?host[:/\d]*": use / })
  }
})

t.test('any object resolves or is refused with the code, and nothing else happens', async t => {
  const names = Object.keys(resolveOptions({}, {}).runtime).concat(
    'exclude', 'captureHeaders', 'contextHeaders', 'captureBody', 'redactQuery', 'semantics', 'isError', 'errorReplies', 'trustIncoming', 'endpointMetrics', 'logs', 'agents', 'keep', 'shutdownTimeoutMs')
  const anyValue = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true }), fc.func(fc.boolean()), fc.webUrl(), fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.string()), fc.constantFrom('otlp', 'files', 'memory', 'none', 'stable', 'delta', false, [/x/], Symbol('s')))
  fc.assert(fc.property(fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), anyValue), options => {
    try {
      resolveOptions(options as LettaOtelOptions, {})
    } catch (error) {
      if ((error as { code?: string }).code !== 'LETTA_OTEL_INVALID_OPTION') throw error
    }
  }), { numRuns: 1_000 })
  fc.assert(fc.property(fc.anything(), options => {
    try {
      resolveOptions(options as LettaOtelOptions, {})
    } catch (error) {
      if ((error as { code?: string }).code !== 'LETTA_OTEL_INVALID_OPTION') throw error
    }
  }))
  t.pass()
})

t.test('what agents record: nothing of what was said, and no costs, unless asked for', async t => {
  const agents = (options: LettaOtelOptions['agents']): unknown => resolveOptions({ ...options !== undefined && { agents: options } }, {}).agents
  const prices = { version: '1', models: {} }
  t.strictSame(agents(undefined), { prices: undefined, payloads: undefined, maxOpen: 20_000 })
  t.equal(agents(false), false)
  t.strictSame(agents({ prices, payloads: true }), { prices, payloads: { redact: { keys: [], patterns: [] }, maxSize: 262_144 }, maxOpen: 20_000 })
  t.strictSame(agents({ payloads: { redact: { keys: ['pin'] }, maxSize: 300 }, maxOpen: 7 }), { prices: undefined, payloads: { redact: { keys: ['pin'], patterns: [] }, maxSize: 300 }, maxOpen: 7 })
})
