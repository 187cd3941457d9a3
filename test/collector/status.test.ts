import t from 'tap'
import { collectorStatus } from '../../lib/collector/status.ts'
import { freePorts } from './free-ports.ts'
import { ReleaseServer, status } from './release-server.ts'

t.test('well, and not ready', async t => {
  const server = await ReleaseServer.listen(t)
  server.put('/metrics', 'otelcol_receiver_accepted_spans{receiver="otlp"} 3\n')
  server.put('/', '{}', status(503), status(200))
  const ask = async () => await collectorStatus(server.url('/'), server.url('/metrics'))
  t.match(await ask(), { isHealthy: false, figures: { components: [{ accepted: 3 }] } })
  t.match(await ask(), { isHealthy: true })
})

t.test('behind a password', async t => {
  const server = await ReleaseServer.listen(t)
  server.put('/metrics', '')
  server.put('/', '')
  const url = (path: string): URL => Object.assign(server.url(path), { username: 'user', password: '100%' })
  t.match(await collectorStatus(url('/'), url('/metrics')), { isHealthy: true })
  t.strictSame(server.requests.map(({ headers }) => headers.authorization), Array(2).fill(`Basic ${Buffer.from('user:100%').toString('base64')}`))
})

t.test('nobody there, or somebody else', async t => {
  const server = await ReleaseServer.listen(t)
  await t.rejects(collectorStatus(server.url('/'), server.url('/metrics')), {
    code: 'LETTA_OTEL_COLLECTOR_UNAVAILABLE', message: /^no collector answers at http:\/\/127\.0\.0\.1:\d+\/metrics: it answered 404\. Start one with/
  })
  const { LETTA_OTELCOL_HEALTH_PORT } = await freePorts()
  await t.rejects(collectorStatus(new URL(`http://127.0.0.1:${LETTA_OTELCOL_HEALTH_PORT}/`), server.url('/metrics')), { message: /ECONNREFUSED/ })
  const { LETTA_OTELCOL_HTTP_PORT } = await freePorts()
  await t.rejects(collectorStatus(new URL(`http://user:p4ss@127.0.0.1:${LETTA_OTELCOL_HTTP_PORT}/?key=x`), server.url('/metrics')), {
    message: `no collector answers at http://127.0.0.1:${LETTA_OTELCOL_HTTP_PORT}: ECONNREFUSED. Start one with letta-otel collector start, or say with --health and --metrics where it is`
  })
})
