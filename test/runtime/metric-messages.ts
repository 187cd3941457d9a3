import protobuf from 'protobufjs'
import { plainAttributes } from '../export/otlp-messages.ts'

const field = (type: string, id: number, rule?: 'repeated'): protobuf.IField => ({ type, id, ...rule && { rule } })

/** The sums of opentelemetry-proto 1.x, by field number. */
const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: { fields: { stringValue: field('string', 1), boolValue: field('bool', 2), intValue: field('int64', 3), doubleValue: field('double', 4) } },
    KeyValue: { fields: { key: field('string', 1), value: field('AnyValue', 2) } },
    NumberDataPoint: { fields: { asDouble: field('double', 4), asInt: field('sfixed64', 6), attributes: field('KeyValue', 7, 'repeated') } },
    Sum: { fields: { dataPoints: field('NumberDataPoint', 1, 'repeated'), temporality: field('int32', 2), isMonotonic: field('bool', 3) } },
    Metric: { fields: { name: field('string', 1), description: field('string', 2), unit: field('string', 3), sum: field('Sum', 7) } },
    Scope: { fields: { name: field('string', 1) } },
    ScopeMetrics: { fields: { scope: field('Scope', 1), metrics: field('Metric', 2, 'repeated') } },
    ResourceMetrics: { fields: { scopeMetrics: field('ScopeMetrics', 2, 'repeated') } },
    Request: { fields: { resourceMetrics: field('ResourceMetrics', 1, 'repeated') } }
  }
})

/** A point of a sum. */
export interface SumPoint {
  readonly name: string
  readonly unit: string
  readonly scope: string
  readonly isMonotonic: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly value: number
}

/** Points of all sums in an `ExportMetricsServiceRequest`. */
export function sumsOfRequest (request: Uint8Array): SumPoint[] {
  const type = root.lookupType('Request')
  const { resourceMetrics = [] } = type.toObject(type.decode(request), { longs: Number }) as any
  return resourceMetrics.flatMap((resource: any) => resource.scopeMetrics ?? []).flatMap(({ scope, metrics = [] }: any) => metrics
    .flatMap(({ name, unit, sum }: any) => (sum?.dataPoints ?? []).map((point: any) => ({
      name,
      unit,
      scope: scope.name,
      isMonotonic: sum.isMonotonic ?? false,
      attributes: plainAttributes(point.attributes),
      value: point.asDouble ?? point.asInt ?? 0
    }))))
}
