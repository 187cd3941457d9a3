import t from 'tap'
import { NO_APPLICATION_TELEMETRY, applicationTelemetry } from '../../lib/runtime/application-telemetry.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { otlpReceiver } from '../fixtures/otlp-receiver.ts'
import { figures } from '../fixtures/signal-stats.ts'

const NO_ROWS = {
  written: 0, waiting: 0, failedInserts: 0, spooled: 0, setAside: 0, spoolBytes: 0, dropped: { queue_full: 0, rejected: 0, spool_full: 0, invalid: 0, shutdown: 0 }
}

const AGENTS = { async flush () {}, stats: () => ({ open: 2, abandoned: 1 }) }

useEnvironment({ OTEL_EXPORTER_OTLP_TIMEOUT: '500' })

t.test('flush takes as long as it may, and stats say what became of it', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const runtime = new Runtime(runtimeOptions({ endpoint: receiver.url, instrumentations: false }), problem => { throw new Error(problem) })
  t.teardown(async () => { await runtime.shutdown(0) })
  const telemetry = applicationTelemetry(runtime, 5_000, AGENTS)
  runtime.tracerProvider.getTracer('x').startSpan('a').end()
  t.equal(await telemetry.flush(), true)
  const stats = telemetry.stats()
  t.ok(stats.metrics.exported > 0)
  t.strictSame(stats, {
    spans: figures({ exported: 1 }),
    metrics: figures({ exported: stats.metrics.exported }),
    logs: figures(),
    waitingBytes: 0,
    spoolBytes: 0,
    workerCrashes: 0,
    thread: 'worker',
    logFileDroppedBytes: 0,
    rows: NO_ROWS,
    agents: { open: 2, abandoned: 1 }
  })
  ;(stats.spans as { exported: number }).exported = 7
  t.equal(telemetry.stats().spans.exported, 1, 'figures are handed out as they are at the moment')
})

t.test('a flush that takes too long is false', async t => {
  const receiver = await otlpReceiver(() => {})
  t.teardown(async () => { await receiver.close() })
  const runtime = new Runtime(runtimeOptions({ endpoint: receiver.url, instrumentations: false }), () => {})
  t.teardown(async () => { await runtime.shutdown(0) })
  runtime.tracerProvider.getTracer('x').startSpan('a').end()
  t.equal(await applicationTelemetry(runtime, 30, AGENTS).flush(), false)
})

t.test('where telemetry is disabled there is nothing to flush', async t => {
  t.equal(await NO_APPLICATION_TELEMETRY.flush(), true)
  t.match(NO_APPLICATION_TELEMETRY.stats(), { spans: { exported: 0, failed: 0 }, metrics: { exported: 0, failed: 0 }, logFileDroppedBytes: 0, rows: NO_ROWS, agents: { open: 0, abandoned: 0 } })
})
