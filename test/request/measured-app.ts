import Fastify, { type FastifyInstance } from 'fastify'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { finishedSpans, metrics, type CollectedMetric } from '../../lib/testing.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { otlpReceiver } from '../fixtures/otlp-receiver.ts'
import { metricsOf } from '../recorder/metric-messages.ts'
import { spansOfRequest } from '../recorder/otlp-messages.ts'
import { observedApp, serverSpans, until } from './observed-app.ts'

/** A server span, as far as metrics have to do with it. */
export interface MeasuredSpan {
  readonly name: string
  readonly nanoseconds: number
  readonly attributes: Readonly<Record<string, unknown>>
}

/** An application whose endpoint metrics are looked at. */
export interface MeasuredApp {
  readonly app: FastifyInstance
  readonly url: string
  /** Server spans, once `count` requests with one are finished. */
  spans (count: number): Promise<MeasuredSpan[]>
  /** What was recorded since the last call; with cumulative temporality, at all. */
  metrics (): Promise<Record<string, CollectedMetric>>
}

interface Test {
  readonly fullname: string
  teardown (handler: () => Promise<unknown>): void
  testdir (): string
}

export type Measure = (t: Test, build: (app: FastifyInstance) => unknown, options?: LettaOtelOptions) => Promise<MeasuredApp>

/** The SDK's engine, and what it keeps in memory. */
export const withSdk: Measure = async (t, build, options) => {
  const { app, url } = await observedApp(t, build, { engine: 'sdk', ...options })
  return {
    app,
    url,
    async spans (count) {
      await serverSpans(count)
      return finishedSpans().map(({ name, attributes, startTimeUnixNano, endTimeUnixNano }) => (
        { name, attributes, nanoseconds: Number(endTimeUnixNano - startTimeUnixNano) }))
    },
    metrics: async () => Object.fromEntries((await metrics()).map(metric => [metric.name, metric]))
  }
}

/** The fast engine, and what arrives at a receiver of OTLP. */
export const withFastEngine: Measure = async (t, build, options) => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  useEnvironment({ LETTA_DIR: lettaDirectory() })
  let finished = 0
  const app = Fastify({ forceCloseConnections: true })
  await app.register(lettaOtel, { engine: 'fast', destination: 'otlp', endpoint: receiver.url, serviceName: 'test', instrumentations: false, ...options })
  // Behind the plugin's own, which has recorded everything then.
  app.addHook('onResponse', async () => { finished++ })
  await build(app)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => { await app.close() })
  let seen = 0
  return {
    app,
    url,
    async spans (count) {
      await until(() => finished >= count, `${count} finished requests`)
      await app.telemetry.flush()
      return receiver.received.filter(({ path }) => path === '/v1/traces').flatMap(({ body }) => spansOfRequest(body))
        .map(({ name, attributes, startTimeUnixNano, endTimeUnixNano }) => (
          { name, attributes: plain(attributes), nanoseconds: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) }))
    },
    async metrics () {
      await app.telemetry.flush()
      const requests = receiver.received.filter(({ path }) => path === '/v1/metrics')
      const arrived = requests.slice(seen).flatMap(({ body }) => metricsOf(body))
      seen = requests.length
      return Object.fromEntries(arrived.map(metric => [metric.name, collected(metric)]))
    }
  }
}

function collected ({ name, unit, sum, histogram, gauge }: any): CollectedMetric {
  const { aggregationTemporality, dataPoints } = histogram ?? sum ?? gauge
  return {
    name,
    unit,
    type: histogram !== undefined ? 'histogram' : sum !== undefined ? 'sum' : 'gauge',
    temporality: aggregationTemporality === 1 ? 'delta' : 'cumulative',
    scope: 'letta-otel',
    points: dataPoints.map((point: any) => ({
      attributes: plain(point.attributes),
      ...histogram === undefined
        ? { value: point.asDouble ?? Number(point.asInt) }
        : { count: Number(point.count), sum: point.sum, boundaries: point.explicitBounds, bucketCounts: point.bucketCounts.map(Number) }
    }))
  }
}

function plain (attributes: any[]): Record<string, any> {
  return Object.fromEntries(attributes.map(({ key, value }) => {
    const { stringValue, boolValue, intValue, doubleValue } = value
    return [key, stringValue ?? boolValue ?? doubleValue ?? Number(intValue)]
  }))
}
