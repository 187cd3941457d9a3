import { mkdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { openStore } from '../../../lib/store/open-store.ts'
import { clickhouseServer, PASSWORD } from '../../fixtures/clickhouse-http.ts'
import { answer, hang, Receiver, type Behaviour } from '../../export/receiver.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { runHere } from '../command-line.ts'
import { nobody, serve, serveTcp } from '../doctor/inspect.ts'

interface Check {
  readonly name: string
  readonly status: string
  readonly found: string
  readonly advice: string | null
}

async function receiver (t: Test, ...behaviours: Behaviour[]): Promise<string> {
  const listening = await Receiver.listen(behaviours)
  t.teardown(async () => { await listening.close() })
  return `http://127.0.0.1:${listening.port}`
}

async function collector (t: Test): Promise<string[]> {
  const url = await serve(t, (request, response) => {
    response.end(request.url === '/metrics' ? 'otelcol_exporter_queue_size{exporter="clickhouse"} 3\notelcol_exporter_queue_capacity{exporter="clickhouse"} 1000\n' : '{}')
  })
  return ['--health', `${url}/`, '--metrics', `${url}/metrics`]
}

/** What differs from run to run is taken out. */
function steady (text: string, root: string): string {
  return text.replaceAll(root, '<letta>')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replace(/trace [0-9a-f]{32}/g, 'trace <id>')
    .replace(/Node \d+\.\d+\.\d+/g, 'Node <version>')
    .replace(/ClickHouse \d[\d.]*/g, 'ClickHouse <version>')
    .replace(/version \d+/g, 'version <n>')
    .replace(/\d[\d.]* ([kMGT]?B) are free/g, '<bytes> are free')
    .replace(/within \d\.\d s/g, 'within <time>')
}

const WELL = `\
ok       node           Node <version>; 22.15 or later is needed
ok       configuration  telemetry is sent to http://127.0.0.1:<port>/v1/traces
ok       endpoint       http://127.0.0.1:<port> takes connections
ok       probe          http://127.0.0.1:<port>/v1/traces took a span of trace <id>
ok       collector      http://127.0.0.1:<port> says it is well
ok       queue          the fullest queue, clickhouse, is 0.3 % full; since it started: 0 refused, 0 not taken by a back end, 0 without room in a queue
ok       store          http://127.0.0.1:<port> answers: ClickHouse <version>, one server
ok       schema         database otel has schema version <n>, the newest
ok       clock          the endpoint's clock agrees within <time>; the store's clock agrees within <time>
ok       spool          nothing waits in <letta>/spool
ok       logs           <letta>/logs can be written, and in it Letta.log
ok       disk           <bytes> are free where <letta> is

12 ok, 0 warnings, 0 failures, 0 skipped
`

const ILL = `\
ok       node           Node <version>; 22.15 or later is needed
ok       configuration  telemetry is sent to http://127.0.0.1:<port>/v1/traces
ok       endpoint       http://127.0.0.1:<port> takes connections
failure  probe          http://127.0.0.1:<port>/v1/traces answered 401
                        → set OTEL_EXPORTER_OTLP_HEADERS to the credentials that are wanted there, as authorization=Bearer%20…
failure  collector      http://127.0.0.1:<port> refuses connections (ECONNREFUSED)
                        → start what should listen there, as letta-otel collector start does, or correct host and port
failure  queue          http://127.0.0.1:<port> refuses connections (ECONNREFUSED)
                        → start what should listen there, as letta-otel collector start does, or correct host and port
failure  store          http://127.0.0.1:<port>: a query failed: connect ECONNREFUSED 127.0.0.1:<port>
                        → start ClickHouse, or correct CLICKHOUSE_ENDPOINT: its HTTP port is 8123, or 8443 with TLS
skipped  schema         the store cannot be asked
failure  clock          the endpoint's clock is 3600 s behind
                        → set the clocks by NTP, here and there
failure  spool          <letta>/spool cannot be read (ENOTDIR)
                        → let the user that runs the application read and write it
failure  logs           <letta>/logs cannot be written (ENOTDIR)
                        → let the user that runs the application write there, or name another folder with LETTA_DIR
ok       disk           <bytes> are free where <letta> is

4 ok, 0 warnings, 7 failures, 1 skipped
`

const IDLE = `\
ok       node           Node <version>; 22.15 or later is needed
ok       configuration  telemetry is written to files in <letta>/logs: no endpoint is set
skipped  endpoint       telemetry is not sent: its destination is files
skipped  probe          telemetry is not sent: its destination is files
skipped  collector      telemetry is not sent: its destination is files
skipped  queue          telemetry is not sent: its destination is files
skipped  store          there is no store: CLICKHOUSE_ENDPOINT is not set, and <letta>/data does not exist
skipped  schema         there is no store
skipped  clock          neither an endpoint nor a store told its time
ok       spool          nothing waits in <letta>/spool
ok       logs           <letta>/logs does not exist yet and can be made
ok       disk           <bytes> are free where <letta> is

5 ok, 0 warnings, 0 failures, 7 skipped
`

t.test('all is well', async t => {
  const root = temporaryDirectory(t, { logs: { 'Letta.log': '' }, data: {} })
  const server = await clickhouseServer(`${root}/data`)
  t.teardown(async () => { await server.close() })
  await (await openStore({ url: server.url, password: PASSWORD })).close()
  const env = { LETTA_DIR: root, OTEL_EXPORTER_OTLP_ENDPOINT: await receiver(t), CLICKHOUSE_ENDPOINT: server.url, CLICKHOUSE_PASSWORD: PASSWORD }
  const { code, stdout, stderr } = await runHere(['doctor', ...await collector(t)], env)
  t.strictSame([code, stderr], [0, ''])
  t.equal(steady(stdout, root), WELL)

  const json = JSON.parse((await runHere(['doctor', '--json', ...await collector(t)], env)).stdout) as { status: string, checks: Array<Check & { milliseconds: number }> }
  t.equal(json.status, 'ok')
  for (const check of json.checks) {
    t.strictSame(Object.keys(check), ['name', 'status', 'found', 'advice', 'milliseconds'], check.name)
    t.ok(Number.isInteger(check.milliseconds))
  }
  t.strictSame(json.checks.map(({ name }) => name),
    ['node', 'configuration', 'endpoint', 'probe', 'collector', 'queue', 'store', 'schema', 'clock', 'spool', 'logs', 'disk'])
})

t.test('nothing is well', async t => {
  const root = temporaryDirectory(t, { data: 'a file', logs: 'another', spool: 'and another' })
  const endpoint = await receiver(t, answer(401, { date: new Date(Date.now() - 3_600_500).toUTCString() }))
  const { code, stdout } = await runHere(['doctor', '--health', await nobody(), '--metrics', await nobody()], { LETTA_DIR: root, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, CLICKHOUSE_ENDPOINT: await nobody() })
  t.equal(code, 1)
  t.equal(steady(stdout, root).replace(/3\d\d\d s behind/, '3600 s behind'), ILL)
})

t.test('nothing is sent and nothing is kept', async t => {
  const root = temporaryDirectory(t)
  const { code, stdout } = await runHere(['doctor'], { LETTA_DIR: root })
  t.equal(code, 0, 'that is no failure')
  t.equal(steady(stdout, root), IDLE)
})

t.test('the whole run ends in time, whatever hangs', async t => {
  const root = temporaryDirectory(t)
  mkdirSync(`${root}/data`)
  const silent = await serveTcp(t, () => {})
  const words = ['doctor', '--json', '--timeout', '0.3', '--health', silent, '--metrics', silent]
  for (const env of [{ CLICKHOUSE_ENDPOINT: silent }, {}]) {
    const start = performance.now()
    const { code, stdout } = await runHere(words, { LETTA_DIR: root, OTEL_EXPORTER_OTLP_ENDPOINT: await receiver(t, hang), ...env })
    t.ok(performance.now() - start < 5_000)
    t.equal(code, 1)
    const failed = (JSON.parse(stdout) as { checks: Check[] }).checks.filter(({ status }) => status === 'failure').map(({ name }) => name)
    t.match(failed, ['probe', 'collector', 'queue', 'store'])
  }
})

t.test('secrets stay where they are', async t => {
  const secrets = { header: 'h3ader-s3cret', url: 'url-s3cret', query: 'query-s3cret', clickhouse: 'click-s3cret' }
  const echo: Behaviour = (response, request) => { response.writeHead(403).end(`${JSON.stringify(request.headers)} ${request.url}`) }
  const base = (await receiver(t, echo)).slice(7)
  const store = await serve(t, (request, response) => { response.writeHead(500).end(`Code: 1. ${request.headers.authorization} ${secrets.clickhouse}`) })
  const env = {
    LETTA_DIR: temporaryDirectory(t),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${secrets.url}@${base}/?key=${secrets.query}`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${secrets.header},x-key=${secrets.header}`,
    CLICKHOUSE_ENDPOINT: store.replace('http://', `http://user:${secrets.url}@`),
    CLICKHOUSE_PASSWORD: secrets.clickhouse
  }
  for (const words of [['doctor'], ['doctor', '--json'], ['doctor', '--health', `http://user:${secrets.url}@${base}/?key=${secrets.query}`]]) {
    const { code, stdout, stderr } = await runHere(words, env)
    t.equal(code, 1)
    for (const [where, secret] of Object.entries(secrets)) {
      for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, 12), Buffer.from(`user:${secret}`).toString('base64')]) {
        t.notOk((stdout + stderr).includes(form), `${where}: ${words.join(' ')}`)
      }
    }
  }
})

t.test('a wrong command line', async t => {
  const wrong: Array<[words: string[], message: RegExp]> = [
    [['--timeout', 'soon'], /"--timeout" cannot be "soon": use a number of seconds up to 300/],
    [['--timeout', '0'], /"--timeout"/],
    [['--endpoint', 'user:s3cret@collector'], /"--endpoint" cannot be "collector": use an http/],
    [['--health', 'nowhere'], /"--health"/],
    [['--nope'], /unknown option/]
  ]
  for (const [words, message] of wrong) {
    const { code, stdout, stderr } = await runHere(['doctor', ...words], { LETTA_DIR: t.testdirName })
    t.strictSame([code, stdout], [2, ''], words.join(' '))
    t.match(stderr, message)
  }
})
