import { AlwaysOnSampler } from '@opentelemetry/sdk-trace'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import t from 'tap'
import { OPTION_CHECKS } from '../../lib/options/definitions.ts'
import { resolveOptions, type LettaOtelOptions } from '../../lib/options.ts'

type Case = [value: unknown, shown: string, fix: string]

const TEXT = 'use a text that is not empty'
const FLAG = 'use true or false'
const MILLISECONDS = (least: number): string => `use a whole number of milliseconds from ${least} to 2147483647`
const PATTERN = "use 'METHOD /route', '/route' or a RegExp"
const SECRET = 'it names a secret, which is never recorded; remove it'

const texts: Case[] = [['', '""', TEXT], [7, '7', TEXT], [null, 'null', TEXT], [['a'], 'an array', TEXT]]
const patterns: Case[] = [['GET /', '"GET /"', 'use an array'], [[7], 'an array', `item 7: ${PATTERN}`], [['/a', ''], 'an array', `item "": ${PATTERN}`]]

const WRONG: Record<keyof LettaOtelOptions, Case[]> = {
  serviceName: texts,
  serviceVersion: texts,
  environment: texts,
  endpoint: [
    ['collector:4318', '"collector:4318"', 'use an http: or https: URL (OTLP over HTTP, port 4318)'],
    ['127.0.0.1', '"127.0.0.1"', 'use a URL such as http://127.0.0.1:4318'],
    ['', '""', 'use a URL such as http://127.0.0.1:4318'],
    [new URL('http://127.0.0.1'), 'an object', 'use a URL such as http://127.0.0.1:4318'],
    ['grpc://user:hunter2@collector:4317?key=hunter2', '"grpc://collector:4317"', 'use an http: or https: URL (OTLP over HTTP, port 4318)']
  ],
  headers: [
    ['a=b', '"a=b"', 'use an object'],
    [[], 'an array', 'use an object'],
    [{ 'api-key': 7 }, 'an object', 'entry "api-key": use a text of one line'],
    [{ 'bad name': 'x' }, 'an object', 'entry "bad name": use the name of an HTTP header']
  ],
  destination: [['stdout', '"stdout"', "use one of 'otlp', 'files', 'memory', 'none'"], [null, 'null', "use one of 'otlp', 'files', 'memory', 'none'"]],
  exportIntervalMs: [[0, '0', MILLISECONDS(1)], [1.5, '1.5', MILLISECONDS(1)], ['60000', '"60000"', MILLISECONDS(1)], [2 ** 31, '2147483648', MILLISECONDS(1)], [NaN, 'NaN', MILLISECONDS(1)]],
  engine: [['turbo', '"turbo"', "use one of 'fast', 'sdk'"]],
  exclude: patterns,
  captureHeaders: [
    [['x-a'], 'an array', 'use an object'],
    [{ request: 'x-a' }, 'an object', 'request: use an array'],
    [{ response: ['bad name'] }, 'an object', 'response: item "bad name": use the name of an HTTP header'],
    [{ request: ['Authorization'] }, 'an object', `request: item "Authorization": ${SECRET}`],
    [{ response: ['set-cookie'] }, 'an object', `response: item "set-cookie": ${SECRET}`],
    [{ requests: [] }, 'an object', 'requests: unknown; use one of request, response']
  ],
  contextHeaders: [
    [null, 'null', 'use an object'],
    [{ 'x-tenant': '' }, 'an object', `entry "x-tenant": ${TEXT}, or use an object`],
    [{ 'x-tenant': { name: 'tenant' } }, 'an object', `entry "x-tenant": ${TEXT}, or name: unknown; use one of attribute, ambient, logged`],
    [{ 'x-tenant': { attribute: 'tenant', ambient: 1 } }, 'an object', `entry "x-tenant": ${TEXT}, or ambient: ${FLAG}`],
    [{ 'x tenant': 'tenant' }, 'an object', 'entry "x tenant": use the name of an HTTP header'],
    [{ Cookie: 'cookie' }, 'an object', `entry "Cookie": ${SECRET}`]
  ],
  captureBody: [['model', '"model"', 'use an array'], [['password'], 'an array', `item "password": ${SECRET}`], [[7], 'an array', `item 7: ${TEXT}`]],
  redactQuery: [[{}, 'an object', 'use an array'], [[''], 'an array', `item "": ${TEXT}`]],
  semantics: [['old', '"old"', "use one of 'stable', 'letta', 'both'"], [['both'], 'an array', "use one of 'stable', 'letta', 'both'"]],
  isError: [[true, 'true', 'use a function']],
  errorReplies: [['yes', '"yes"', FLAG], [1, '1', FLAG]],
  trustIncoming: [['10.0.0.0/8', '"10.0.0.0/8"', `${FLAG}, or use a function`]],
  temporality: [['lowmemory', '"lowmemory"', "use one of 'delta', 'cumulative'"], [1, '1', "use one of 'delta', 'cumulative'"]],
  endpointMetrics: [
    [true, 'true', 'use false, or use an object'],
    [{ include: '/a' }, 'an object', 'use false, or include: use an array'],
    [{ exclude: [null] }, 'an object', `use false, or exclude: item null: ${PATTERN}`],
    [{ streams: false }, 'an object', "use false, or streams: use one of 'include', 'exclude'"],
    [{ only: [] }, 'an object', 'use false, or only: unknown; use one of include, exclude, streams']
  ],
  logs: [
    [true, 'true', 'use false, or use an object'],
    [{ correlation: 'on' }, 'an object', `use false, or correlation: ${FLAG}`],
    [{ ddFormat: 'hex' }, 'an object', "use false, or ddFormat: use one of 'decimal64', 'hex128'"],
    [{ keys: 'deep' }, 'an object', "use false, or keys: use one of 'flat', 'nested'"],
    [{ file: 'Letta.log' }, 'an object', `use false, or file: ${FLAG}`],
    [{ otlp: 'on' }, 'an object', `use false, or otlp: ${FLAG}`],
    [{ files: true }, 'an object', 'use false, or files: unknown; use one of correlation, ddFormat, keys, file, otlp']
  ],
  agents: [
    [true, 'true', 'use false, or use an object'],
    [{ payloads: 1 }, 'an object', `use false, or payloads: ${FLAG}, or use an object`],
    [{ payloads: { maxSize: 255 } }, 'an object', `use false, or payloads: ${FLAG}, or maxSize: use a whole number of characters from 256 to 16777216`],
    [{ payloads: { redact: { keys: [''] } } }, 'an object', `use false, or payloads: ${FLAG}, or redact: keys: item "": ${TEXT}`],
    [{ payloads: { redact: { patterns: ['x'] } } }, 'an object', `use false, or payloads: ${FLAG}, or redact: patterns: item "x": use a RegExp`],
    [{ prices: { models: {} } }, 'an object', 'use false, or prices: version: missing'],
    [{ prices: { version: '1', models: { m: { input: 1 } } } }, 'an object', 'use false, or prices: models: entry "m": output: missing'],
    [{ prices: { version: '1', models: { m: { input: -1, output: 1 } } } }, 'an object',
      'use false, or prices: models: entry "m": input: use a number of US dollars for a million tokens, from 0'],
    [{ price: {} }, 'an object', 'use false, or price: unknown; use one of prices, payloads, maxOpen'],
    ...[0, 1_000_001, 2.5, Infinity, '5', null].map((maxOpen): Case => [{ maxOpen }, 'an object', 'use false, or maxOpen: use a whole number from 1 to 1000000'])
  ],
  store: [['clickhouse', '"clickhouse"', 'use true or false, or use an object'], [[], 'an array', 'use true or false, or use an object']],
  sampler: [['always_on', '"always_on"', 'use a sampler of @opentelemetry/sdk-trace'], [{}, 'an object', 'use a sampler of @opentelemetry/sdk-trace']],
  keep: [
    [true, 'true', 'use false, or use an object'],
    [{ errors: 'yes' }, 'an object', `use false, or errors: ${FLAG}`],
    [{ slowerThanMs: -1 }, 'an object', `use false, or slowerThanMs: ${MILLISECONDS(0)}`],
    [{ slow: 5 }, 'an object', 'use false, or slow: unknown; use one of errors, slowerThanMs']
  ],
  resourceAttributes: [
    ['a=b', '"a=b"', 'use an object'],
    [[], 'an array', 'use an object'],
    [{ a: {} }, 'an object', 'entry "a": use a text, a number, true, false, or an array of them']
  ],
  instrumentations: [
    [true, 'true', 'use false, or use an array'],
    [[{}], 'an array', 'use false, or item an object: use an OpenTelemetry instrumentation'],
    [[HttpInstrumentation], 'an array', 'use false, or item a function: use an OpenTelemetry instrumentation']
  ],
  shutdownTimeoutMs: [[-1, '-1', MILLISECONDS(0)], [Infinity, 'Infinity', MILLISECONDS(0)], ['2s', '"2s"', MILLISECONDS(0)], [2n, '2', MILLISECONDS(0)]]
}

const RIGHT: { [Name in keyof Required<LettaOtelOptions>]: unknown[] } = {
  serviceName: ['a'],
  serviceVersion: ['1'],
  environment: ['production'],
  endpoint: ['http://127.0.0.1:4318', 'https://user:pass@host/prefix?x=1'],
  headers: [{}, { 'api-key': 'x' }],
  destination: ['otlp', 'files', 'memory', 'none'],
  exportIntervalMs: [1, 2 ** 31 - 1],
  engine: ['sdk', 'fast'],
  exclude: [[], ['GET /a', '/b', /c/]],
  captureHeaders: [{}, { request: ['X-A'], response: [] }],
  contextHeaders: [{}, { 'X-A': 'a', b: { attribute: 'b' }, c: { attribute: 'c', ambient: true, logged: false } }],
  captureBody: [[], ['model']],
  redactQuery: [[], ['session']],
  semantics: ['stable', 'letta', 'both'],
  isError: [() => true],
  errorReplies: [true, false],
  trustIncoming: [true, false, () => true],
  temporality: ['delta', 'cumulative'],
  endpointMetrics: [false, {}, { include: ['/a', /b/], exclude: [/./], streams: 'exclude' }],
  logs: [false, {}, { correlation: false, ddFormat: 'hex128', keys: 'nested', file: true, otlp: true }],
  agents: [false, {}, {
    prices: { version: '1', models: { m: { input: 0, output: 1.5, cachedInput: 0.1, cacheWrite: 2 } } }, payloads: { maxSize: 256, redact: { keys: ['pin'], patterns: [/x/] } }
  }, { payloads: true }, { maxOpen: 1 }, { maxOpen: 1_000_000 }],
  store: [true, false, { path: ':memory:' }, { url: 'http://127.0.0.1:8123', cluster: 'main' }],
  sampler: [new AlwaysOnSampler()],
  keep: [false, {}, { errors: true }, { errors: false, slowerThanMs: 1_000 }],
  resourceAttributes: [{}, { team: 'a', n: 1 }],
  instrumentations: [false, [], [new HttpInstrumentation({ enabled: false })]],
  shutdownTimeoutMs: [0, 2_000]
}

t.test('every option has a check', async t => {
  t.strictSame(Object.keys(OPTION_CHECKS).sort(), Object.keys(WRONG).sort())
})

for (const [name, cases] of Object.entries(WRONG)) {
  t.test(`${name}: a value that cannot work throws, with option, value and fix`, async t => {
    for (const [value, shown, fix] of cases) {
      t.throws(() => resolveOptions({ [name]: value } as LettaOtelOptions, {}), {
        code: 'LETTA_OTEL_INVALID_OPTION',
        statusCode: 500,
        message: `letta-otel option "${name}" cannot be ${shown}: ${fix}`
      }, shown)
    }
  })
}

for (const [name, values] of Object.entries(RIGHT)) {
  t.test(`${name}: values that work are taken`, async t => {
    for (const value of values) t.equal(OPTION_CHECKS[name as keyof LettaOtelOptions](value), undefined)
  })
}
