import t from 'tap'
import { launchEnvironment } from '../../lib/collector/launch-environment.ts'
import { bearingsOf, type Bearings } from '../../lib/collector/bearings.ts'
import { selectConfiguration } from '../../lib/collector/selection.ts'
import { readSettings } from '../../lib/collector/settings.ts'

async function bearings (name: string, env: Record<string, string>, device?: string): Promise<Bearings> {
  const environment = launchEnvironment(env, '/letta')
  const selection = selectConfiguration([name], environment)
  return bearingsOf(selection, await readSettings(selection.files, environment), device)
}

const CLICKHOUSE = { CLICKHOUSE_ENDPOINT: 'https://user:p4ss@c:8443', CLICKHOUSE_PASSWORD: 's3cret' }

t.test('where telemetry comes from, goes to and is looked at', async t => {
  t.strictSame(await bearings('file', { LETTA_OTELCOL_HTTP_PORT: '5318', LETTA_OTELCOL_HOST: '10.0.0.1' }, '77'), {
    receives: 'OTLP on 10.0.0.1:4317 (gRPC) and 10.0.0.1:5318 (HTTP)',
    sends: '/letta/logs/traces.json, /letta/logs/metrics.json, /letta/logs/logs.json',
    look: ['/letta/logs/traces.json']
  })
  t.strictSame(await bearings('clickhouse', CLICKHOUSE, '77'), {
    receives: 'OTLP on 127.0.0.1:4317 (gRPC) and 127.0.0.1:4318 (HTTP)',
    sends: 'https://c:8443',
    look: ['letta-otel store query trace-search --resource device.id=77']
  })
  t.match(await bearings('clickhouse-prod', { ...CLICKHOUSE, DD_API_KEY: 'k3y', DD_SITE: 'datadoghq.eu' }, '77'), {
    sends: 'https://c:8443, datadoghq.eu',
    look: [/^letta-otel store query/, 'https://app.datadoghq.eu/apm/traces?query=%40device.id%3A77']
  })
  t.match(await bearings('signoz', { SIGNOZ_ENDPOINT: 'ingest:443', SIGNOZ_INGESTION_KEY: 'k3y' }, '77'), {
    sends: 'ingest:443', look: ['SigNoz, Traces, with the filter device.id = 77']
  })
  t.match(await bearings('gateway-edge', { LETTA_OTELCOL_SAMPLERS: 'a:4317,b:4317' }), { sends: 'a:4317,b:4317', look: [] })
  t.equal((await bearings('gateway-edge', { LETTA_OTELCOL_SAMPLERS: 'u:p4ss@a:1,http://u:p4ss@b' })).sends, 'a:1,http://b')
  t.equal((await bearings('signoz', { SIGNOZ_ENDPOINT: 'u:p4ss@a:1', SIGNOZ_INGESTION_KEY: 'k' })).sends, 'a:1')
})

t.test('in production, where no span has a device', async t => {
  t.match((await bearings('clickhouse', CLICKHOUSE)).look, ['letta-otel store query trace-search'])
  t.match((await bearings('signoz', { SIGNOZ_ENDPOINT: 'i' })).look, ['SigNoz, Traces'])
  t.match((await bearings('clickhouse-prod', CLICKHOUSE)).look, [/query trace-search$/, 'https://app.datadoghq.com/apm/traces'])
})

t.test('a file of one’s own', async t => {
  const selection = { name: 'own.yaml', reason: '', configurations: [], files: [], featureGates: [] }
  t.strictSame(bearingsOf(selection, [], '77'), { receives: 'as its configuration says', sends: 'as own.yaml says', look: [] })
})
