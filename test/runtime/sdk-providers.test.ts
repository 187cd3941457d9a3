import { ExportResultCode } from '@opentelemetry/core'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationTemporality, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import t, { type Test } from 'tap'
import type { LettaOtelOptions } from '../../lib/options.ts'
import type { Destination } from '../../lib/runtime/destination.ts'
import { MemoryDestination } from '../../lib/runtime/memory-destination.ts'
import { sdkProviders, type SdkProviders } from '../../lib/runtime/sdk-providers.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'

/** A destination that takes batches and lets a test look at them. */
function batchDestination (): Destination & { batches: ReadableSpan[][], collected: ResourceMetrics[] } {
  const batches: ReadableSpan[][] = []
  const collected: ResourceMetrics[] = []
  return {
    batches,
    collected,
    location: 'a test',
    spanExporter: {
      export (spans, done) {
        batches.push(spans)
        done({ code: ExportResultCode.SUCCESS })
      },
      async shutdown () {}
    },
    metricExporter: {
      export (resourceMetrics, done) {
        collected.push(structuredClone(resourceMetrics.scopeMetrics) as never)
        done({ code: ExportResultCode.SUCCESS })
      },
      async forceFlush () {},
      async shutdown () {},
      selectAggregationTemporality: () => AggregationTemporality.DELTA
    },
    async flush () {},
    async close () {}
  }
}

function start (t: Test, destination: Destination, env: Record<string, string> = {}, options: LettaOtelOptions = {}): SdkProviders {
  useEnvironment(env)
  const engine = sdkProviders(runtimeOptions(options, env), resourceFromAttributes({ who: 'me' }), destination, problem => { throw new Error(problem) }, () => {})
  t.teardown(async () => { await Promise.all([engine.tracerProvider.shutdown(), engine.meterProvider.shutdown()]) })
  return engine
}

function end ({ tracerProvider }: SdkProviders, count: number): void {
  const tracer = tracerProvider.getTracer('x')
  for (let n = 0; n < count; n++) tracer.startSpan('a').end()
}

t.test('spans leave in batches of the size that the environment says', async t => {
  const destination = batchDestination()
  const engine = start(t, destination, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' })
  end(engine, 5)
  await engine.tracerProvider.forceFlush()
  t.strictSame(destination.batches.map(batch => batch.length).sort(), [1, 2, 2])
  t.equal(destination.batches[0]?.[0]?.resource.attributes['who'], 'me')
})

t.test('more than the SDK\'s 2,048 spans may wait', async t => {
  const destination = batchDestination()
  const engine = start(t, destination, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '16384' })
  end(engine, 10_000)
  await engine.tracerProvider.forceFlush()
  t.equal(destination.batches.flat().length, 10_000)

  const small = batchDestination()
  const bounded = start(t, small, { OTEL_BSP_MAX_QUEUE_SIZE: '3', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '3', OTEL_BSP_SCHEDULE_DELAY: '100000' })
  end(bounded, 2)
  t.equal(small.batches.length, 0, 'they wait for the delay of the environment')
  await bounded.tracerProvider.forceFlush()
  t.equal(small.batches.flat().length, 2)
})

t.test('values that are no number above 0 do not count', async t => {
  const destination = batchDestination()
  const engine = start(t, destination, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0', OTEL_BSP_MAX_QUEUE_SIZE: '-1' })
  end(engine, 600)
  await engine.tracerProvider.forceFlush()
  t.equal(destination.batches.flat().length, 600)
  t.equal(Math.max(...destination.batches.map(batch => batch.length)) <= 512, true)
})

t.test('past 2,000 attribute sets an instrument has one more, which says so', async t => {
  const destination = batchDestination()
  const engine = start(t, destination)
  const counter = engine.meterProvider.getMeter('x').createCounter('things')
  for (let n = 0; n < 2_500; n++) counter.add(1, { n })
  await engine.meterProvider.forceFlush()
  const points: any[] = (destination.collected as any)[0][0].metrics[0].dataPoints
  t.equal(points.length, 2_000)
  const overflow = points.filter(({ attributes }) => attributes['otel.metric.overflow'] === true)
  t.equal(overflow.length, 1)
  t.equal(points.reduce((sum, { value }) => sum + value, 0), 2_500)

  const memory = new MemoryDestination(runtimeOptions())
  const kept = start(t, memory)
  const other = kept.meterProvider.getMeter('x').createCounter('things')
  for (let n = 0; n < 2_500; n++) other.add(1, { n })
  const [metric] = await memory.metrics()
  t.equal(metric?.points.length, 2_000)
  t.equal(metric?.points.filter(({ attributes }) => attributes['otel.metric.overflow'] === true).length, 1)
})

t.test('a signal that is off has no way out', async t => {
  const destination = batchDestination()
  const engine = start(t, destination, { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' })
  end(engine, 1)
  engine.meterProvider.getMeter('x').createCounter('things').add(1)
  await Promise.all([engine.tracerProvider.forceFlush(), engine.meterProvider.forceFlush()])
  t.strictSame([destination.batches, destination.collected], [[], []])
})
