import { createServer as createHttpsServer } from 'node:https'
import t from 'tap'
import { checkEndpoint } from '../../../../lib/cli/doctor/checks/endpoint.ts'
import { Receiver } from '../../../export/receiver.ts'
import { CERTIFICATE, KEY } from '../../../export/tls-identity.ts'
import { temporaryDirectory } from '../../../temporary-directory.ts'
import { inspect, nobody, serve, serveTcp } from '../inspect.ts'

t.test('addresses that answer, each once', async t => {
  const [one, other] = [await serve(t, () => {}), await serve(t, () => {})]
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: one })), { status: 'ok', found: `${one} takes connections` })
  const both = await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: one, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${other}/metrics` }))
  t.match(both, { status: 'ok', found: `${one} takes connections; ${other} takes connections` })
})

t.test('addresses that do not, with what to do', async t => {
  const refusing = await nobody()
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:s3cret@${refusing.slice(7)}` })), {
    status: 'failure', found: `${refusing} refuses connections (ECONNREFUSED)`, advice: /letta-otel collector start/
  })
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4318' })), {
    status: 'failure', found: /^http:\/\/collector.invalid:4318 has a name that (nobody knows|cannot be looked up now) \(/, advice: /resolver/
  })
  const half = await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: await serve(t, () => {}), OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: refusing }))
  t.match(half, { status: 'failure', found: /takes connections; .* refuses connections/ }, 'one signal is enough')
  const silent = (await serveTcp(t, () => {})).replace('http:', 'https:')
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: silent }, { timeoutMs: 100 })), { status: 'failure', found: /does not answer \(ETIMEDOUT\)$/ })
})

t.test('TLS', async t => {
  const folder = temporaryDirectory(t, { 'cert.pem': CERTIFICATE })
  const receiver = await Receiver.listen([], 0, listener => createHttpsServer({ cert: CERTIFICATE, key: KEY }, listener))
  t.teardown(async () => { await receiver.close() })
  const url = `https://127.0.0.1:${receiver.port}`
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_CERTIFICATE: `${folder}/cert.pem` })), { status: 'ok' })
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: url })), {
    status: 'failure', found: /signed by nobody this machine knows \(DEPTH_ZERO_SELF_SIGNED_CERT\)/, advice: /OTEL_EXPORTER_OTLP_CERTIFICATE/
  })
  const plain = (await serve(t, () => {})).replace('http:', 'https:')
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: plain })), { status: 'failure', found: /TLS/, advice: /https:\/\// })
  const hangingUp = (await serveTcp(t, socket => { socket.end() })).replace('http:', 'https:')
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: hangingUp })), { status: 'failure', found: /hangs up \(ECONNRESET\)$/ })
})

t.test('nothing is sent', async t => {
  t.match(await checkEndpoint(inspect({})), { status: 'skipped', found: 'telemetry is not sent: its destination is files' })
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' })), { status: 'skipped', found: 'telemetry is off' })
  t.match(await checkEndpoint(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })), { status: 'skipped', found: 'the configuration cannot be read' })
})
