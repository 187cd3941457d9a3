import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A span as it stands in `traces.json`, with its attributes by name. */
export interface StoredSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
}

/** A point of a metric as it stands in `metrics.json`. */
export interface StoredPoint {
  readonly service: string
  readonly metric: string
  readonly count: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export function storedSpans (lettaDirectory: string): StoredSpan[] {
  return lines(lettaDirectory, 'traces.json').flatMap(({ resourceSpans }) => resourceSpans).flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }: any) => spans).map((span: any) => ({ ...span, ...withPlain(span, resource) })))
}

export function storedPoints (lettaDirectory: string): StoredPoint[] {
  return lines(lettaDirectory, 'metrics.json').flatMap(({ resourceMetrics }) => resourceMetrics).flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }: any) => metrics).flatMap(({ name, histogram, sum, gauge }: any) => (histogram ?? sum ?? gauge).dataPoints.map((point: any) =>
      ({ metric: name, count: Number(point.count ?? point.asInt ?? point.asDouble), ...withPlain(point, resource) }))))
}

export function storedLogLines (lettaDirectory: string): any[] {
  return lines(lettaDirectory, 'Letta.log')
}

function lines (lettaDirectory: string, file: string): any[] {
  return readFileSync(join(lettaDirectory, 'logs', file), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))
}

function withPlain ({ attributes }: any, resource: any): { service: string, attributes: Record<string, unknown> } {
  return { service: plain(resource.attributes)['service.name'] as string, attributes: plain(attributes) }
}

function plain (attributes: any[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
