import { withoutCredentials } from '../errors.ts'
import { LOOPBACK } from './host.ts'
import type { Selection } from './selection.ts'
import type { Setting } from './settings.ts'

/** Where telemetry goes and comes from, in words for who starts a collector. */
export interface Bearings {
  readonly receives: string
  readonly sends: string
  readonly look: readonly string[]
}

type Looks = (value: (name: string) => string, device: string | undefined) => string | undefined

/** Of each back end: the variable that shows that it is used, and where its telemetry is looked at. */
const BACK_ENDS: ReadonlyArray<readonly [variable: string, look: Looks]> = [
  ['CLICKHOUSE_ENDPOINT', (_value, device) => `letta-otel store query trace-search${device === undefined ? '' : ` --resource device.id=${device}`}`],
  ['DD_API_KEY', (value, device) => `https://app.${value('DD_SITE')}/apm/traces${device === undefined ? '' : `?query=${encodeURIComponent(`@device.id:${device}`)}`}`],
  ['SIGNOZ_ENDPOINT', (_value, device) => `SigNoz, Traces${device === undefined ? '' : `, with the filter device.id = ${device}`}`],
  ['LETTA_OTELCOL_TRACES_FILE', value => value('LETTA_OTELCOL_TRACES_FILE')]
]

/** Whose values are addresses that people know; none of them is a secret. */
const DESTINATIONS = [
  'CLICKHOUSE_ENDPOINT', 'DD_SITE', 'SIGNOZ_ENDPOINT', 'LETTA_OTELCOL_SAMPLERS', 'LETTA_OTELCOL_SAMPLERS_DNS',
  'LETTA_OTELCOL_TRACES_FILE', 'LETTA_OTELCOL_METRICS_FILE', 'LETTA_OTELCOL_LOGS_FILE'
]

/** @param device the `device.id` of this machine; undefined where spans carry none */
export function bearingsOf ({ name }: Selection, settings: readonly Setting[], device: string | undefined): Bearings {
  const values = new Map(settings.map(({ name, value }) => [name, value]))
  const value = (name: string): string => values.get(name) ?? ''
  const host = value('LETTA_OTELCOL_HOST') || LOOPBACK
  const listens = [['LETTA_OTELCOL_GRPC_PORT', 'gRPC'], ['LETTA_OTELCOL_HTTP_PORT', 'HTTP']]
    .flatMap(([name = '', protocol]) => values.has(name) ? [`${host}:${value(name)} (${protocol})`] : [])
  const places = DESTINATIONS.flatMap(name => value(name) === '' ? [] : name.endsWith('_FILE') ? [value(name)] : [value(name).split(',').map(withoutCredentials).join(',')])
  return {
    receives: listens.length === 0 ? 'as its configuration says' : `OTLP on ${listens.join(' and ')}`,
    sends: places.length === 0 ? `as ${name} says` : places.join(', '),
    look: BACK_ENDS.flatMap(([variable, look]) => values.has(variable) ? look(value, device) ?? [] : [])
  }
}
