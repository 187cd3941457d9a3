import t, { type Test } from 'tap'
import { createServer as createHttpsServer } from 'node:https'
import { checkProbeSpan } from '../../../../lib/cli/doctor/checks/probe-span.ts'
import { answer, hang, Receiver, type Behaviour } from '../../../export/receiver.ts'
import { decode } from '../../../export/otlp-messages.ts'
import { CERTIFICATE, KEY } from '../../../export/tls-identity.ts'
import { temporaryDirectory } from '../../../temporary-directory.ts'
import { inspect, nobody, serveTcp } from '../inspect.ts'

/** `ExportTraceServiceResponse { partial_success { rejected_spans, error_message } }`; the message has at most 100 characters. */
function partialSuccess (rejected: number, message: string): Uint8Array {
  const inner = Buffer.concat([Buffer.from([0x08, rejected, 0x12, message.length]), Buffer.from(message)])
  return Buffer.concat([Buffer.from([0x0a, inner.length]), inner])
}

async function receiver (t: Test, ...behaviours: Behaviour[]): Promise<Receiver> {
  const listening = await Receiver.listen(behaviours)
  t.teardown(async () => { await listening.close() })
  return listening
}

t.test('a span goes the way of all spans', async t => {
  const { arrivals, port } = await receiver(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/otlp`, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=s3cret', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }
  const inspection = inspect(env)
  const finding = await checkProbeSpan(inspection)
  const [arrival] = arrivals
  t.match(arrival, { path: '/otlp/v1/traces', headers: { 'x-key': 's3cret', 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }, names: ['probe'] })
  const { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] } = decode('TracesRequest', arrival!.body) as any
  t.match(resource.attributes, [{ key: 'service.name', value: { stringValue: 'letta-otel-doctor' } }], 'apart from the application')
  t.match(scope, { name: 'letta-otel-doctor' })
  const traceId = Buffer.from(span.traceId, 'base64').toString('hex')
  t.strictSame(finding, { status: 'ok', found: `http://127.0.0.1:${port}/otlp/v1/traces took a span of trace ${traceId}` })
  t.strictSame(await checkProbeSpan(inspection), finding)
  t.equal(arrivals.length, 1, 'whoever asks: one span')
})

t.test('answers that are no', async t => {
  const said: Array<[number, RegExp, string?]> = [
    [401, /OTEL_EXPORTER_OTLP_HEADERS/], [403, /OTEL_EXPORTER_OTLP_HEADERS/], [404, /nothing takes spans at \/v1\/traces: .* is a base/], [413, /max_request_body_size/],
    [415, /application\/x-protobuf/], [400, /are lost/], [400, /max_request_body_size/, 'http: request body too large'], [500, /log of what/], [503, /wait on the disk/], [429, /wait on the disk/], [301, /not followed/]
  ]
  for (const [status, advice, body] of said) {
    const { port } = await receiver(t, answer(status, { location: '/elsewhere' }, body))
    const finding = await checkProbeSpan(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }))
    t.match(finding, { status: 'failure', found: `http://127.0.0.1:${port}/v1/traces answered ${status}`, advice }, String(status))
  }
})

t.test('200 alone says little', async t => {
  const refusing = await receiver(t, answer(200, {}, partialSuccess(1, 'key s3cret has no quota')))
  const refused = await checkProbeSpan(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${refusing.port}`, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=s3cret' }))
  t.match(refused, { status: 'failure', found: /refused the span: .*key … has no quota/ })
  const remarking = await receiver(t, answer(200, {}, partialSuccess(0, 'deprecated path')))
  t.match(await checkProbeSpan(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${remarking.port}` })), { status: 'warning', found: /with a remark: .*deprecated path/ })
})

t.test('no answer', async t => {
  const hanging = await receiver(t, hang)
  t.match(await checkProbeSpan(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${hanging.port}` }, { timeoutMs: 100 })), {
    status: 'failure', found: /did not answer within 100 ms$/, advice: /overloaded/
  })
  t.match(await checkProbeSpan(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: await nobody() })), { status: 'skipped', found: 'no connection, as endpoint says' })
  // How a server of gRPC begins: a frame of HTTP/2 settings.
  const grpc = await serveTcp(t, socket => { socket.end(Buffer.from('000006040000000000000500004000', 'hex')) })
  t.match(await checkProbeSpan(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: grpc })), { status: 'failure', found: /traces cannot be sent to .* \(HPE_\w+\)/, advice: /gRPC/ })
})

t.test('files for TLS that are not there are said', async t => {
  const secure = await Receiver.listen([], 0, listener => createHttpsServer({ cert: CERTIFICATE, key: KEY }, listener))
  t.teardown(async () => { await secure.close() })
  const path = `${temporaryDirectory(t)}/absent.pem`
  const finding = await checkProbeSpan(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${secure.port}`, OTEL_EXPORTER_OTLP_CERTIFICATE: path }))
  t.match(finding, { status: 'failure', found: new RegExp(`the file ${path} for TLS cannot be read \\(ENOENT\\)`), advice: /OTEL_EXPORTER_OTLP_CERTIFICATE/ })
})

t.test('nothing is sent', async t => {
  t.match(await checkProbeSpan(inspect({ NODE_ENV: 'test', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })), { status: 'skipped', found: 'telemetry is not sent: its destination is memory' })
  t.match(await checkProbeSpan(inspect({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })), { status: 'skipped', found: /OTEL_TRACES_EXPORTER is none/ })
})
