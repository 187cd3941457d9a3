import { setTimeout as after } from 'node:timers/promises'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import t, { type Test } from 'tap'
import { watchEventLoop } from '../../lib/runtime/event-loop-metrics.ts'
import { libUrl, runScript } from '../fixtures/node-process.ts'

class Reader extends MetricReader {
  async onShutdown (): Promise<void> {}
  async onForceFlush (): Promise<void> {}
}

interface Watched {
  stop (): void
  values (): Promise<Map<string, number>>
}

function watch (t: Test, conventions: boolean): Watched {
  const reader = new Reader()
  const provider = new MeterProvider({ readers: [reader] })
  const stop = watchEventLoop(provider.getMeter('test'), conventions)
  t.teardown(async () => {
    stop()
    await provider.shutdown()
  })
  return {
    stop,
    async values () {
      const { resourceMetrics: { scopeMetrics } } = await reader.collect()
      return new Map(scopeMetrics.flatMap(({ metrics }) => metrics).flatMap(({ descriptor: { name }, dataPoints }) => dataPoints
        .map(({ attributes, value }) => [[name, ...Object.values(attributes)].join(' '), typeof value === 'number' ? value : value.sum ?? 0] as const)))
    }
  }
}

function block (milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

t.test('a loop that is blocked', async t => {
  const { values } = watch(t, true)
  await after(50)
  block(200)
  await after(50)
  const found = await values()
  const delay = (statistic: string): number => found.get(`nodejs.eventloop.delay.${statistic}`) ?? NaN
  t.ok(delay('max') >= 0.19, `max ${delay('max')} s`)
  t.ok(delay('min') > 0 && delay('min') <= delay('p50') && delay('p50') <= delay('p90') && delay('p90') <= delay('p99') && delay('p99') <= delay('max'))
  t.ok(delay('mean') > delay('min') && delay('mean') < delay('max'))
  t.ok(delay('stddev') > 0)
  const utilization = found.get('nodejs.eventloop.utilization') ?? NaN
  t.ok(utilization > 0.1 && utilization <= 1, `utilization ${utilization}`)
  t.ok((found.get('nodejs.eventloop.time active') ?? 0) >= 0.2)
  t.ok((found.get('nodejs.eventloop.time idle') ?? 0) > 0)
  await after(50)
  t.ok((await values()).get('nodejs.eventloop.delay.max')! < delay('max'), 'each collection begins anew')
})

t.test('a heartbeat that comes late', async t => {
  const { values } = watch(t, false)
  block(1_150)
  // The heartbeat is due, and a timer that is set now comes after it.
  await after(1)
  const found = await values()
  t.strictSame([...found.keys()], ['event_loop_lag_ms'], 'who brings an instrumentation of the runtime has the rest from it')
  t.ok(found.get('event_loop_lag_ms')! >= 140, `${found.get('event_loop_lag_ms')} ms`)
})

t.test('nothing after the end', async t => {
  const { stop, values } = watch(t, true)
  await after(30)
  stop()
  t.strictSame([...(await values()).keys()], [])
})

t.test('a process that has nothing else to do ends', async t => {
  const { code, stderr } = await runScript(`
    import { MeterProvider } from '@opentelemetry/sdk-metrics'
    import { watchEventLoop } from '${libUrl('runtime/event-loop-metrics.ts')}'
    watchEventLoop(new MeterProvider().getMeter('test'), true)
  `)
  t.equal(code, 0, { stderr })
})
