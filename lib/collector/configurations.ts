import { fileURLToPath } from 'node:url'
import type { Environment } from '../options/environment.ts'

export interface Configuration {
  /** Files in `configs/`; of what two of them say, the later counts. */
  readonly files: readonly string[]
  /** Files that join when a variable is set. */
  readonly joining: readonly Joining[]
  /** Of what joins, one has to. */
  readonly needsOneOf?: readonly Joining[]
  /** Feature gates to enable: `--feature-gates`. */
  readonly featureGates: readonly string[]
  /** The manifest of the smallest collector that has all components, without `.yaml`. */
  readonly distribution: 'distribution' | 'distribution-datadog'
}

export interface Joining {
  readonly variable: string
  readonly file: string
  /** Variables that mean nothing without it, and what is not done then, though who set them expects it. */
  readonly alone?: { readonly variables: readonly string[], readonly then: string }
}

const TLS: Joining = {
  variable: 'LETTA_OTELCOL_TLS_CERT_FILE',
  file: 'tls.yaml',
  alone: { variables: ['LETTA_OTELCOL_TLS_KEY_FILE', 'LETTA_OTELCOL_TLS_CLIENT_CA_FILE'], then: 'there would be no TLS' }
}
const SAMPLERS: readonly Joining[] = [
  { variable: 'LETTA_OTELCOL_SAMPLERS', file: 'samplers-listed.yaml' },
  { variable: 'LETTA_OTELCOL_SAMPLERS_DNS', file: 'samplers-dns.yaml' }
]

/** A line of Letta.log counts as read when it is in the queue, and not before. */
const SYNCHRONOUS_LOGS = 'stanza.synchronousLogEmitter'

const SERVER = ['base.yaml', 'listen-everywhere.yaml']
const DEVELOPMENT = ['base.yaml', 'listen-loopback.yaml']

function configuration (files: readonly string[], more: Partial<Configuration> = {}): Configuration {
  return Object.freeze({ files, joining: [TLS], featureGates: [], distribution: 'distribution', ...more })
}

export type ConfigurationName =
  'file' | 'file-dev' | 'clickhouse' | 'clickhouse-dev' | 'clickhouse-prod' | 'signoz' | 'gateway-edge' | 'gateway-sampling'

export const CONFIGURATIONS: Readonly<Record<ConfigurationName, Configuration>> = Object.freeze({
  file: configuration([...SERVER, 'file.yaml']),
  'file-dev': configuration([...DEVELOPMENT, 'file.yaml']),
  clickhouse: configuration([...SERVER, 'queue.yaml', 'clickhouse.yaml', 'letta-log.yaml'], { featureGates: [SYNCHRONOUS_LOGS] }),
  'clickhouse-dev': configuration([...DEVELOPMENT, 'queue.yaml', 'file.yaml', 'clickhouse.yaml', 'clickhouse-dev.yaml']),
  'clickhouse-prod': configuration([...SERVER, 'queue.yaml', 'clickhouse.yaml', 'letta-log.yaml', 'clickhouse-prod.yaml'], { featureGates: [SYNCHRONOUS_LOGS], distribution: 'distribution-datadog' }),
  signoz: configuration([...SERVER, 'queue.yaml', 'signoz.yaml']),
  'gateway-edge': configuration([...SERVER, 'queue.yaml', 'gateway-edge.yaml'], { joining: [TLS, ...SAMPLERS], needsOneOf: SAMPLERS }),
  'gateway-sampling': configuration([...SERVER, 'queue.yaml', 'clickhouse.yaml', 'gateway-sampling.yaml'])
})

/** Paths of a configuration's files, in the order of `--config`. */
export function configurationFiles (name: ConfigurationName, env: Environment): string[] {
  const { files, joining } = CONFIGURATIONS[name]
  const joined = joining.filter(({ variable }) => isSet(env[variable])).map(({ file }) => file)
  return [...files, ...joined].map(file => fileURLToPath(new URL(`configs/${file}`, import.meta.url)))
}

/** To the launcher, a variable that is set and empty is not set. */
export function isSet (value: string | undefined): boolean {
  return value !== undefined && value.trim() !== ''
}
