import t from 'tap'
import { collectorStatus } from '../../lib/collector/status.ts'
import { freePorts } from './free-ports.ts'
import { ReleaseServer, stall, status } from './release-server.ts'

const FIGURE = 'otelcol_receiver_accepted_spans{receiver="otlp"} 3\n'

function addresses (server: ReleaseServer): { health: string, metrics: string } {
  return { health: server.url('/').href, metrics: server.url('/metrics').href }
}

t.test('well, and not ready', async t => {
  const server = await ReleaseServer.listen(t)
  server.put('/metrics', FIGURE)
  server.put('/', '{}', status(503), status(200))
  const ask = async () => await collectorStatus(addresses(server))
  t.match(await ask(), { isHealthy: false, figures: { components: [{ accepted: 3 }] } })
  t.match(await ask(), { isHealthy: true })
})

t.test('behind a password', async t => {
  const server = await ReleaseServer.listen(t)
  server.put('/metrics', FIGURE)
  server.put('/', '')
  const url = (path: string): string => Object.assign(server.url(path), { username: 'user', password: '100%' }).href
  t.match(await collectorStatus({ health: url('/'), metrics: url('/metrics') }), { isHealthy: true })
  t.strictSame(server.requests.map(({ headers }) => headers.authorization), Array(2).fill(`Basic ${Buffer.from('user:100%').toString('base64')}`))
})

t.test('nobody there, or somebody else', async t => {
  const server = await ReleaseServer.listen(t)
  await t.rejects(collectorStatus(addresses(server)), {
    code: 'LETTA_OTEL_COLLECTOR_UNAVAILABLE', message: /^no collector answers at http:\/\/127\.0\.0\.1:\d+\/metrics: it answered 404\. Start one with/
  })
  const { LETTA_OTELCOL_HEALTH_PORT } = await freePorts()
  await t.rejects(collectorStatus({ ...addresses(server), health: `http://127.0.0.1:${LETTA_OTELCOL_HEALTH_PORT}/` }), { message: /ECONNREFUSED/ })
  const { LETTA_OTELCOL_HTTP_PORT } = await freePorts()
  await t.rejects(collectorStatus({ ...addresses(server), health: `http://user:p4ss@127.0.0.1:${LETTA_OTELCOL_HTTP_PORT}/?key=x` }), {
    message: `no collector answers at http://127.0.0.1:${LETTA_OTELCOL_HTTP_PORT}: ECONNREFUSED. Start one with letta-otel collector start, or say with --health and --metrics where it is`
  })
})

t.test('what answers and is no collector', async t => {
  const server = await ReleaseServer.listen(t)
  server.put('/', '')
  const reason = async (answerMs?: number): Promise<string> => await collectorStatus(addresses(server), answerMs).then(() => 'none', ({ code, message }) => `${code} ${message}`)
  server.put('/metrics', '<html>welcome</html>')
  t.match(await reason(), /^LETTA_OTEL_COLLECTOR_UNAVAILABLE .*\/metrics: what it answered are no metrics of a collector\. Start/)
  server.put('/metrics', FIGURE, stall)
  t.match(await reason(200), /^LETTA_OTEL_COLLECTOR_UNAVAILABLE .*\/metrics: no answer within 0\.2 s/)
  server.put('/metrics', FIGURE, response => {
    const line = Buffer.alloc(1024 * 1024, FIGURE)
    const more = (): void => { while (response.write(line)); }
    response.on('drain', more)
    more()
  })
  t.match(await reason(), /^LETTA_OTEL_COLLECTOR_UNAVAILABLE .*\/metrics: its answer is too long/)
})
