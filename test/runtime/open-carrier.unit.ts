import { resourceFromAttributes } from '@opentelemetry/resources'
import t from 'tap'
import { otlpCarrierOptions } from '../../lib/runtime/open-carrier.ts'
import { otlpEndpoints } from '../../lib/runtime/otlp-endpoints.ts'
import { decode, plainAttributes } from '../export/otlp-messages.ts'
import { runtimeOptions } from '../fixtures/options.ts'

t.test('resource, spool and log records of a process', async t => {
  const runtime = runtimeOptions({ endpoint: 'http://collector:4318', redactQuery: ['Session'] }, { LETTA_DIR: 'letta' })
  const resource = resourceFromAttributes({ 'service.name': '../agent server', 'letta.version': '1.2.3' })
  const options = otlpCarrierOptions(otlpEndpoints(runtime, {}, () => {}), runtime, resource)
  t.equal(options.endpoints.logs, 'http://collector:4318/v1/logs')
  t.match(plainAttributes(decode('Resource', options.resource).attributes), { 'service.name': '../agent server' })
  t.match(options.spool?.directory.replaceAll('\\', '/'), /^letta\/spool\/_[^/]*agent_server$/)
  t.equal(options.logRecords?.scope?.name, 'letta-otel')
  t.ok(options.logRecords?.secretQueryKeys?.has('session'))
  t.doesNotThrow(() => structuredClone(options), 'a worker can have it')
})
