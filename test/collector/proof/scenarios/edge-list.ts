/** A collector of the second tier is away and leaves the list: the others get what waited for it. */
import { join } from 'node:path'
import { GrpcSink } from '../harness/grpc-sink.ts'
import { newTraceId, post, tracesMessage, type SpanFacts } from '../harness/otlp-client.ts'
import { spansOf } from '../harness/otlp-contents.ts'
import { proof } from '../harness/proof.ts'

const TRACES = 200

await proof('a second tier that gets smaller', async p => {
  const [gone, stays] = [await GrpcSink.start(), await GrpcSink.start()]
  p.teardown(async () => { await Promise.all([gone.close(), stays.close()]) })
  gone.isAvailable = false
  const start = async (samplers: readonly GrpcSink[]) => await p.collector({
    configuration: 'gateway-edge',
    env: { LETTA_OTELCOL_SAMPLERS: samplers.map(({ address }) => address).join(','), LETTA_OTELCOL_FLUSH: '200ms' },
    lettaDirectory: join(p.directory, 'edge')
  })
  const traces = (): Set<string> => new Set(spansOf(stays.received.traces).map(({ traceId }) => traceId))
  const edge = await start([gone, stays])
  const spans = Array.from({ length: TRACES }, (): SpanFacts => ({ traceId: newTraceId() }))
  p.equal('the edge takes the traces', await post(edge.url, 'traces', tracesMessage('proof', spans)), 200)
  await p.until(() => traces().size > 0.3 * TRACES, 20)
  p.check(`one of two gets its share: ${traces().size} of ${TRACES}`, traces().size < 0.7 * TRACES)
  await edge.stop('SIGTERM')
  await start([stays])
  await p.until(() => traces().size === TRACES, 40)
  p.equal('started with a list of one, the edge brings all of them to it', traces().size, TRACES)
})
