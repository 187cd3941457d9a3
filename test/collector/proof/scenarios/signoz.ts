/** `signoz` into a back end over gRPC that asks for the key, with TLS on both sides; and what is not delivered outlives a kill. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { CERTIFICATE, KEY } from '../../../export/tls-identity.ts'
import { encode } from '../../../export/otlp-messages.ts'
import { GrpcSink } from '../harness/grpc-sink.ts'
import { attributeList, nanoseconds, newTraceId, post, resource, tracesMessage } from '../harness/otlp-client.ts'
import { spansById } from '../harness/otlp-contents.ts'
import { proof } from '../harness/proof.ts'

const INGESTION_KEY = 'key-0123456789'
const SPANS = 5_000
/** Large enough for a batch of more than a gRPC message may hold. */
const TEXT = 'x'.repeat(1_500)

await proof('SigNoz, as a back end that asks for a key', async p => {
  const files = { cert: join(p.directory, 'cert.pem'), key: join(p.directory, 'key.pem') }
  writeFileSync(files.cert, CERTIFICATE)
  writeFileSync(files.key, KEY)
  const sink = await GrpcSink.start({ header: ['signoz-ingestion-key', INGESTION_KEY], identity: { cert: CERTIFICATE, key: KEY } })
  p.teardown(async () => { await sink.close() })
  const env = { SIGNOZ_ENDPOINT: sink.address, SIGNOZ_CA_FILE: files.cert, LETTA_OTELCOL_FLUSH: '200ms' }
  const collector = await p.collector({ configuration: 'signoz', env: { ...env, SIGNOZ_INGESTION_KEY: INGESTION_KEY } })

  const sent = new Set<string>()
  const send = async (count: number): Promise<number> => {
    const traces = Array.from({ length: count }, () => ({ traceId: newTraceId(), attributes: { text: TEXT } }))
    const status = await post(collector.url, 'traces', tracesMessage('proof', traces))
    if (status === 200) for (const { traceId } of traces) sent.add(traceId.toString('hex'))
    return status
  }
  const received = (): Set<string> => new Set([...spansById(sink.received.traces).values()].map(({ traceId }) => traceId))
  p.equal('spans, metrics and logs are taken', [
    await send(SPANS),
    await post(collector.url, 'metrics', { resourceMetrics: [{ resource: resource('proof'), scopeMetrics: [{ metrics: [{ name: 'a', gauge: { dataPoints: [{ timeUnixNano: nanoseconds(Date.now()), asDouble: 1 }] } }] }] }] }),
    await post(collector.url, 'logs', { resourceLogs: [{ resource: resource('proof'), scopeLogs: [{ logRecords: [{ body: { stringValue: 'line' }, attributes: attributeList({ a: 'b' }) }] }] }] })
  ], [200, 200, 200])
  await p.until(() => received().size === SPANS && sink.received.metrics.length === 1 && sink.received.logs.length === 1, 20)
  p.equal('all of it arrives, with the key', [received().size, sink.received.metrics.length, sink.received.logs.length, sink.refused], [SPANS, 1, 1, 0])
  p.check(`more than a gRPC message holds goes in several: ${sink.received.traces.length}`, sink.received.traces.length > 1)

  sink.isAvailable = false
  p.equal('what the back end does not take now is taken here', await send(1_000), 200)
  await collector.stop('SIGKILL')
  sink.isAvailable = true
  await collector.start()
  await p.until(() => received().size === sent.size, 20)
  p.equal('and arrives after a kill', received(), sent)
  await collector.stop()

  const stranger = await p.collector({ configuration: 'signoz', env: { ...env, SIGNOZ_INGESTION_KEY: 'another' }, lettaDirectory: join(p.directory, 'stranger') })
  await post(stranger.url, 'traces', tracesMessage('proof', [{ traceId: newTraceId() }]))
  p.check('another key is refused', await p.until(() => sink.refused > 0, 10))
  p.check('and is in no message', !`${stranger.output}${collector.output}`.includes('another') && !collector.output.includes(INGESTION_KEY))
  await stranger.stop('SIGKILL')

  const tls = { LETTA_OTELCOL_TLS_CERT_FILE: files.cert, LETTA_OTELCOL_TLS_KEY_FILE: files.key, LETTA_OTELCOL_TLS_CLIENT_CA_FILE: files.cert }
  const guarded = await p.collector({ configuration: 'file', env: tls, lettaDirectory: join(p.directory, 'guarded') })
  p.equal('with TLS, nothing is taken without', await post(guarded.url, 'traces', tracesMessage('proof', [{ traceId: newTraceId() }])), 400)
  p.equal('nor from who proves nothing', await postWithTls(guarded.port('HTTP'), {}), 0)
  p.equal('but from who does', await postWithTls(guarded.port('HTTP'), { cert: CERTIFICATE, key: KEY }), 200)
})

/** @returns the status of the answer; 0 where there was none */
async function postWithTls (port: number, identity: { cert?: string, key?: string }): Promise<number> {
  const call = request({ host: '127.0.0.1', port, path: '/v1/traces', method: 'POST', ca: CERTIFICATE, ...identity, headers: { 'content-type': 'application/x-protobuf' } })
  call.end(encode('TracesRequest', tracesMessage('proof', [{ traceId: newTraceId() }])))
  try {
    const [response] = await once(call, 'response')
    response.resume()
    return response.statusCode
  } catch {
    return 0
  }
}
