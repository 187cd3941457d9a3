import { homedir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  EnvironmentReader, defaultDestination, endpointFrom, environmentNameFrom, knownMethodsFrom, lettaDirectoryFrom,
  protocolFrom, temporalityFrom, type Environment
} from '../../lib/options/environment.ts'

const reader = (env: Environment): EnvironmentReader => new EnvironmentReader(env)

t.test('blank variables count as unset', async t => {
  const env = reader({ A: '', B: '  ', C: ' c ' })
  t.equal(env.text('A'), undefined)
  t.equal(env.text('B'), undefined)
  t.equal(env.text('C'), 'c')
  t.equal(env.text('D'), undefined)
  t.equal(env.list('A'), undefined)
})

t.test('lists are split at commas, empty members left out', async t => {
  t.strictSame(reader({ A: ' a, ,b,' }).list('A'), ['a', 'b'])
})

t.test('a flag is set by true in any case alone', async t => {
  for (const value of ['true', 'TRUE', ' True ']) t.equal(reader({ A: value }).flag('A'), true, value)
  for (const value of ['1', 'yes', 'false', '', 'truely']) t.equal(reader({ A: value }).flag('A'), false, value)
})

t.test('whole numbers above 0; anything else is ignored with a warning', async t => {
  t.equal(reader({ A: '5000' }).positiveInteger('A'), 5000)
  for (const value of ['0', '-1', '1.5', 'soon', 'Infinity', '99999999999']) {
    const env = reader({ A: value })
    t.equal(env.positiveInteger('A'), undefined)
    t.strictSame(env.warnings, [`environment variable A is ignored: "${value}" is not one of: a whole number from 1 to 2147483647`])
  }
  const unset = reader({})
  t.equal(unset.positiveInteger('A'), undefined)
  t.strictSame(unset.warnings, [])
})

t.test('one of a list in any case; anything else is ignored with a warning', async t => {
  t.equal(reader({ A: 'Delta' }).oneOf('A', 'delta', 'cumulative'), 'delta')
  const env = reader({ A: 'both' })
  t.equal(env.oneOf('A', 'delta', 'cumulative'), undefined)
  t.strictSame(env.warnings, ['environment variable A is ignored: "both" is not one of: delta, cumulative'])
})

t.test('resource attributes are decoded; the first of a name counts', async t => {
  const env = reader({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a%20b , service.name=c,team = x,bad=%,service.name' })
  t.equal(env.resourceAttribute('service.name'), 'a b')
  t.equal(env.resourceAttribute('team'), 'x')
  t.equal(env.resourceAttribute('bad'), undefined)
  t.equal(env.resourceAttribute('service'), undefined)
})

t.test('a resource attribute is found or not, whatever the variable says', async t => {
  fc.assert(fc.property(fc.string(), text => {
    const value = reader({ OTEL_RESOURCE_ATTRIBUTES: text }).resourceAttribute('service.name')
    return value === undefined || typeof value === 'string'
  }))
  fc.assert(fc.property(fc.string(), value => {
    const text = `a=b,service.name=${encodeURIComponent(value.toWellFormed())}`
    return reader({ OTEL_RESOURCE_ATTRIBUTES: text }).resourceAttribute('service.name') === value.toWellFormed()
  }))
  t.pass()
})

t.test('temporality: the standard variable, then Letta\'s number, then delta', async t => {
  const STANDARD = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'
  const LETTA = 'LETTA_OTEL_PREFERRED_TEMPORALITY'
  t.equal(temporalityFrom(reader({})), 'delta')
  t.equal(temporalityFrom(reader({ [LETTA]: '0' })), 'delta')
  t.equal(temporalityFrom(reader({ [LETTA]: '1' })), 'delta')
  t.equal(temporalityFrom(reader({ [LETTA]: '2' })), 'cumulative')
  t.equal(temporalityFrom(reader({ [STANDARD]: 'Cumulative', [LETTA]: '1' })), 'cumulative')
  t.equal(temporalityFrom(reader({ [STANDARD]: 'LOWMEMORY' })), 'lowmemory')
  const ignored = reader({ [STANDARD]: 'monotonic', [LETTA]: '2' })
  t.equal(temporalityFrom(ignored), 'cumulative')
  t.strictSame(ignored.warnings, [`environment variable ${STANDARD} is ignored: "monotonic" is not one of: cumulative, delta, lowmemory`])
  for (const value of ['3', 'delta', '-1']) {
    t.throws(() => temporalityFrom(reader({ [LETTA]: value })), {
      code: 'LETTA_OTEL_INVALID_ENVIRONMENT',
      message: `environment variable ${LETTA} cannot be "${value}": use 0 (unspecified), 1 (delta) or 2 (cumulative)`
    })
  }
})

t.test('endpoints: which variables name one, and a bad one of Letta\'s throws without its credentials', async t => {
  t.strictSame(endpointFrom(reader({})), { standard: false, own: undefined })
  for (const signal of ['', 'TRACES_', 'METRICS_', 'LOGS_']) {
    const name = `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`
    t.strictSame(endpointFrom(reader({ [name]: 'http://a' })), { standard: true, own: undefined }, name)
  }
  t.strictSame(endpointFrom(reader({ LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b' })), { standard: false, own: 'http://b' })
  t.throws(() => endpointFrom(reader({ LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://me:hunter2@b' })), {
    code: 'LETTA_OTEL_INVALID_ENVIRONMENT',
    message: 'environment variable LETTA_OTEL_EXPORTER_OTLP_ENDPOINT cannot be "grpc://b": use an http: or https: URL such as http://127.0.0.1:4318'
  })
  t.throws(() => endpointFrom(reader({ LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'b' })), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
})

t.test('destination: an endpoint option, then a test runner, then an endpoint of the environment, then files', async t => {
  const OTEL = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }
  const LETTA = { LETTA_OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }
  t.equal(defaultDestination(reader({}), false), 'files')
  t.equal(defaultDestination(reader(OTEL), false), 'otlp')
  t.equal(defaultDestination(reader(LETTA), false), 'otlp')
  t.equal(defaultDestination(reader({ NODE_ENV: 'test' }), false), 'memory')
  t.equal(defaultDestination(reader({ NODE_ENV: 'test', ...OTEL, ...LETTA }), false), 'memory')
  t.equal(defaultDestination(reader({ NODE_ENV: 'test' }), true), 'otlp')
  t.equal(defaultDestination(reader({ NODE_ENV: 'production' }), false), 'files')
})

t.test('protocol: the signal\'s variable, the general one, http/json; gRPC is ignored with a warning', async t => {
  t.equal(protocolFrom(reader({}), 'TRACES'), 'http/json')
  t.equal(protocolFrom(reader({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }), 'METRICS'), 'http/protobuf')
  const both = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }
  t.equal(protocolFrom(reader(both), 'TRACES'), 'http/json')
  t.equal(protocolFrom(reader(both), 'METRICS'), 'http/protobuf')
  const grpc = reader({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
  t.equal(protocolFrom(grpc, 'TRACES'), 'http/json')
  t.strictSame(grpc.warnings, ['environment variable OTEL_EXPORTER_OTLP_PROTOCOL is ignored: "grpc" is not one of: http/json, http/protobuf'])
})

t.test('environment name: resource attribute, LETTA_ENVIRONMENT, NODE_ENV, development', async t => {
  const all = { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=a', LETTA_ENVIRONMENT: 'b', NODE_ENV: 'c' }
  t.equal(environmentNameFrom(reader(all)), 'a')
  t.equal(environmentNameFrom(reader({ ...all, OTEL_RESOURCE_ATTRIBUTES: '' })), 'b')
  t.equal(environmentNameFrom(reader({ NODE_ENV: 'c' })), 'c')
  t.equal(environmentNameFrom(reader({})), 'development')
})

t.test('directory and known methods', async t => {
  t.equal(lettaDirectoryFrom(reader({ LETTA_DIR: '/x' })), '/x')
  t.equal(lettaDirectoryFrom(reader({})), join(homedir(), '.letta'))
  t.strictSame([...knownMethodsFrom(reader({}))].sort(),
    ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'])
  t.strictSame([...knownMethodsFrom(reader({ OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET, PURGE' }))], ['GET', 'PURGE'])
})
