import { hostname } from 'node:os'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { deviceId } from '../../lib/runtime/device-id.ts'
import { composeResource } from '../../lib/runtime/resource.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import type { LettaOtelOptions } from '../../lib/options.ts'

const version: string = JSON.parse(readFileSync('package.json', 'utf8')).version

function attributes (options: LettaOtelOptions, env: Record<string, string> = {}): Record<string, unknown> {
  useEnvironment(env)
  return composeResource(runtimeOptions(options, env)).attributes
}

t.test('who sends, as far as it can be found out', async t => {
  const found = attributes({ environment: 'development' })
  t.match(found, {
    'service.name': 'letta-otel',
    'service.version': version,
    'host.name': hostname(),
    'letta.version': version,
    'deployment.environment.name': 'development',
    environment: 'development',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs'
  })
  t.match(found['service.instance.id'], /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.equal(found['device.id'], deviceId())
})

t.test('each process has an id of its own', async t => {
  t.not(attributes({})['service.instance.id'], attributes({})['service.instance.id'])
})

t.test('no device in production', async t => {
  t.notOk('device.id' in attributes({ environment: 'production' }))
})

t.test('options win over the environment, this over what is found out', async t => {
  const env = {
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=r,service.version=r,host.name=r,letta.version=r,deployment.environment.name=r,service.instance.id=r,team=r'
  }
  t.match(attributes({}, env), {
    'service.name': 'r',
    'service.version': 'r',
    'host.name': 'r',
    'letta.version': 'r',
    'deployment.environment.name': 'r',
    environment: 'r',
    'service.instance.id': 'r',
    team: 'r'
  })
  t.match(attributes({}, { ...env, OTEL_SERVICE_NAME: 's' }), { 'service.name': 's', team: 'r' })
  t.match(attributes({ serviceName: 'o', serviceVersion: 'o', environment: 'o' }, { ...env, OTEL_SERVICE_NAME: 's' }), {
    'service.name': 'o', 'service.version': 'o', 'deployment.environment.name': 'o', environment: 'o', 'host.name': 'r'
  })
})

t.test('resourceAttributes win over all others', async t => {
  const found = attributes({ serviceName: 'o', environment: 'o', resourceAttributes: { 'service.name': 'a', environment: 'a', team: 'a', size: 7, tags: ['x', 'y'] } })
  t.match(found, { 'service.name': 'a', environment: 'a', 'deployment.environment.name': 'o', team: 'a', size: 7, tags: ['x', 'y'] })
})
