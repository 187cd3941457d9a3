import t, { type Test } from 'tap'
import { checkClockSkew } from '../../../../lib/cli/doctor/checks/clock-skew.ts'
import { answer, Receiver } from '../../../export/receiver.ts'
import { inspect, nobody, serve } from '../inspect.ts'

async function endpointAt (t: Test, offsetMs: number): Promise<Record<string, string>> {
  const { port, close } = await (async () => {
    const receiver = await Receiver.listen([answer(200, { date: new Date(Date.now() + offsetMs).toUTCString() })])
    return { port: receiver.port, close: async () => { await receiver.close() } }
  })()
  t.teardown(close)
  return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }
}

/** A server of ClickHouse whose clock is wrong: it knows the answer to one question. */
async function storeAt (t: Test, offsetMs: number): Promise<Record<string, string>> {
  const url = await serve(t, (request, response) => {
    request.resume().on('end', () => { response.end(`{"now":"${Date.now() + offsetMs}","version":"26.7.1","databases":"0"}\n`) })
  })
  return { CLICKHOUSE_ENDPOINT: url }
}

t.test("the endpoint's clock", async t => {
  t.match(await checkClockSkew(inspect(await endpointAt(t, 0))), { status: 'ok', found: /^the endpoint's clock agrees within \d\.\d s$/ })
  t.match(await checkClockSkew(inspect(await endpointAt(t, -1_000))), { status: 'ok' }, 'a header has whole seconds')
  t.match(await checkClockSkew(inspect(await endpointAt(t, 20_000))), { status: 'warning', found: /^the endpoint's clock is (19|20) s ahead$/, advice: /NTP/ })
  t.match(await checkClockSkew(inspect(await endpointAt(t, -3_600_000))), { status: 'failure', found: /^the endpoint's clock is 3(599|600) s behind$/ })
})

t.test("the store's clock, and both", async t => {
  t.match(await checkClockSkew(inspect(await storeAt(t, -30_000))), { status: 'warning', found: "the store's clock is 30 s behind" })
  t.match(await checkClockSkew(inspect({ ...await endpointAt(t, 0), ...await storeAt(t, 90_000) })), {
    status: 'failure', found: /^the endpoint's clock agrees within .*; the store's clock is 90 s ahead$/
  })
})

t.test('nobody told the time', async t => {
  t.match(await checkClockSkew(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: await nobody() })), { status: 'skipped' })
  const mute = await serve(t, (_request, response) => {
    response.sendDate = false
    response.end()
  })
  t.match(await checkClockSkew(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: mute })), { status: 'skipped' })
})
