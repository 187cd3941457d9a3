/** Every configuration, on the real collector: it loads, and says what every configuration has to. */
/* eslint no-template-curly-in-string: off -- variables of the collector look like that */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { collectorEnvironment, withLiteralValues } from '../../../../lib/collector/collector-environment.ts'
import { CONFIGURATIONS, configurationFiles, type ConfigurationName } from '../../../../lib/collector/configurations.ts'
import { mergeConfigurations } from '../../../../lib/collector/merged-configuration.ts'
import { withoutDatadog } from '../harness/without-datadog.ts'
import { proof } from '../harness/proof.ts'

const GIVEN: Readonly<Partial<Record<ConfigurationName, Variables>>> = {
  clickhouse: { CLICKHOUSE_ENDPOINT: 'http://127.0.0.1:8123', CLICKHOUSE_PASSWORD: 'secret' },
  'clickhouse-dev': { CLICKHOUSE_ENDPOINT: 'https://127.0.0.1:8443', CLICKHOUSE_PASSWORD: 'secret' },
  'clickhouse-prod': { CLICKHOUSE_ENDPOINT: 'tcp://127.0.0.1:9000', CLICKHOUSE_PASSWORD: 'secret', DD_API_KEY: 'secret' },
  signoz: { SIGNOZ_ENDPOINT: '127.0.0.1:443', SIGNOZ_INGESTION_KEY: 'secret' },
  'gateway-edge': { LETTA_OTELCOL_SAMPLERS: '127.0.0.1:4317,127.0.0.2:4317' },
  'gateway-sampling': { CLICKHOUSE_ENDPOINT: 'http://127.0.0.1:8123', CLICKHOUSE_PASSWORD: 'secret' }
}

/** One at each depth of the exporters, where anchors, aliases and a merge key are. */
const OVERRIDES: Readonly<Partial<Record<ConfigurationName, readonly string[]>>> = {
  file: ['exporters: {file/logs: {rotation: {max_days: 3}}}', 'exporters: {file/logs: {create_directory: false}}'],
  'gateway-edge': [
    'exporters: {load_balancing/metrics: {timeout: 7s}}',
    'exporters: {load_balancing/metrics: {sending_queue: {queue_size: 123456789}}}',
    'exporters: {load_balancing/metrics: {sending_queue: {batch: {min_size: 1234}}}}',
    'exporters: {load_balancing/metrics: {protocol: {otlp: {tls: {insecure: false}}}}}',
    'exporters: {load_balancing: {retry_on_failure: {multiplier: 2}}}'
  ]
}

type Variables = Readonly<Record<string, string>>

/** As durations are printed. */
const SECOND = 1e9

await proof('every configuration loads', async p => {
  const filesOf = (name: ConfigurationName, env: Variables): string[] => withoutDatadog(configurationFiles(name, env), p.directory)
  const ask = (command: string, files: readonly string[], env: Variables, more: readonly string[] = []): { status: number | null, stdout: string, stderr: string } =>
    spawnSync(p.program, [command, ...files.flatMap(file => ['--config', file]), ...more], {
      encoding: 'utf8', env: withLiteralValues(collectorEnvironment({ PATH: process.env['PATH'], ...env }, p.directory))
    })
  const collect = (command: string, name: ConfigurationName, env: Variables, more: readonly string[] = []) => ask(command, filesOf(name, env), env, more)
  const understood = (files: readonly string[], env: Variables): any => JSON.parse(ask('print-config', files, env, ['--mode', 'unredacted', '--format', 'json']).stdout)

  for (const name of Object.keys(CONFIGURATIONS) as ConfigurationName[]) {
    const env = GIVEN[name] ?? {}
    const { status, stderr } = collect('validate', name, env)
    p.equal(`${name} loads`, { status, stderr }, { status: 0, stderr: '' })
    const printed = collect('print-config', name, env, ['--format', 'json'])
    const config = JSON.parse(printed.stdout)
    p.check(`${name}: no credential is shown`, !printed.stdout.includes('secret'))
    p.equal(`${name}: the memory limiter is first in every pipeline with processors`, pipelinesOf(config).filter(({ processors }) => processors?.[0] !== 'memory_limiter'), [])
    p.equal(`${name}: every exporter in use outlives a restart, and tries again`, exportersOf(config).filter(exporter => !isPatient(exporter)), [])
    p.equal(`${name}: traces, metrics and logs are taken`, signalsOf(config), ['logs', 'metrics', 'traces'])
    const { grpc, http } = config.receivers.otlp.protocols
    const host = name.endsWith('-dev') ? '127.0.0.1' : '0.0.0.0'
    p.equal(`${name}: OTLP`, [grpc.endpoint, http.endpoint], [`${host}:4317`, `${host}:4318`])
    p.equal(`${name}: health`, config.extensions.health_check.endpoint, `${host}:13133`)
    p.equal(`${name}: its own log and metrics`, [
      config.service.telemetry.logs.level, config.service.telemetry.metrics.readers[0].pull.exporter.prometheus.port
    ], ['error', 8888])
  }

  for (const name of Object.keys(CONFIGURATIONS) as ConfigurationName[]) {
    const env = GIVEN[name] ?? {}
    const files = filesOf(name, env)
    const merged = join(p.directory, 'merged.yaml')
    const override = join(p.directory, 'override.yaml')
    const compare = async (what: string, files: readonly string[]): Promise<void> => {
      writeFileSync(merged, await mergeConfigurations(files))
      p.equal(`${name}: print-config is what runs${what}`, understood([merged], env), understood(files, env))
    }
    await compare('', files)
    for (const text of OVERRIDES[name] ?? []) {
      writeFileSync(override, text)
      await compare(`, with ${text}`, [...files, override])
    }
  }

  const password = 'p$$a${x}'
  p.equal('a dollar in a secret is one', understood(filesOf('clickhouse', {}), { ...GIVEN.clickhouse, CLICKHOUSE_PASSWORD: password }).exporters.clickhouse.password, password)

  const tls = { LETTA_OTELCOL_TLS_CERT_FILE: '/certificate.pem', LETTA_OTELCOL_TLS_KEY_FILE: '/key.pem', LETTA_OTELCOL_TLS_CLIENT_CA_FILE: '/ca.pem' }
  const { receivers: { otlp: { protocols } } } = JSON.parse(collect('print-config', 'file', tls, ['--format', 'json']).stdout)
  for (const { tls } of [protocols.grpc, protocols.http]) {
    p.equal('TLS is switched on by a variable', [tls.cert_file, tls.key_file, tls.client_ca_file], ['/certificate.pem', '/key.pem', '/ca.pem'])
  }
  p.equal('a name may stand for the second tier', collect('validate', 'gateway-edge', { LETTA_OTELCOL_SAMPLERS_DNS: 'sampling.example' }).status, 0)
  p.check('a configuration of the original does not load', collect('validate', 'file', {}, ['--set=service.telemetry.metrics.address=0.0.0.0:8888']).status !== 0)
})

function pipelinesOf (config: any): Array<{ processors?: string[], exporters: string[] }> {
  return Object.values(config.service.pipelines)
}

function signalsOf (config: any): string[] {
  return [...new Set(Object.keys(config.service.pipelines).map(name => name.split('/')[0] ?? ''))].sort()
}

function exportersOf (config: any): Array<Record<string, any>> {
  const used = new Set(pipelinesOf(config).flatMap(({ exporters }) => exporters))
  return [...used].filter(id => id in config.exporters).map(id => ({ id, ...config.exporters[id] }))
}

/** A file exporter has written when it answers, and asks for no patience. */
function isPatient ({ id, rotation, retry_on_failure: retry, sending_queue: queue, protocol }: Record<string, any>): boolean {
  if (String(id).startsWith('file/')) return rotation.max_megabytes === 100 && rotation.max_days === 7 && rotation.max_backups === 5
  return isRetrying(retry) && queue.storage === 'file_storage' && queue.batch !== null && isWithoutQueue(protocol?.otlp)
}

/** What it sends with: a queue in memory there would acknowledge what it can lose. */
function isWithoutQueue (inner: Record<string, any> | undefined): boolean {
  return inner === undefined || (inner['sending_queue'] === null && isRetrying(inner['retry_on_failure']))
}

function isRetrying (retry: Record<string, any>): boolean {
  return isDeepStrictEqual(retry, {
    enabled: true,
    initial_interval: 5 * SECOND,
    max_interval: 30 * SECOND,
    max_elapsed_time: 300 * SECOND,
    multiplier: 1.5,
    randomization_factor: 0.5
  })
}
