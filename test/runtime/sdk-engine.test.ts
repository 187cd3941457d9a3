import { resourceFromAttributes } from '@opentelemetry/resources'
import t from 'tap'
import { SdkEngine } from '../../lib/runtime/sdk-engine.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'

t.test('spans that the queue has no room for are counted and reported', async t => {
  useEnvironment({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' })
  const problems: string[] = []
  const options = runtimeOptions({ destination: 'files' }, { LETTA_DIR: lettaDirectory() })
  const engine = new SdkEngine(options, resourceFromAttributes({}), problem => { problems.push(problem) })
  const tracer = engine.tracerProvider.getTracer('test')
  for (let span = 0; span < 1_000; span++) tracer.startSpan('span').end()
  t.equal(await engine.flush(5_000), false)
  t.equal(engine.stats.spans.exported + engine.stats.spans.failed, 1_000)
  t.ok(engine.stats.spans.failed > 900)
  t.match(problems, [/^spans were dropped/])
  t.equal(await engine.shutdown(5_000), true, 'nothing was lost since')
})
