/** Whatever happens to an export, what was sent to authorize it is found nowhere but in the request itself. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import type { RequestListener, Server } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { encode } from '../export/otlp-messages.ts'
import { answer, hang, Receiver, type Behaviour } from '../export/receiver.ts'
import { CERTIFICATE, KEY } from '../export/tls-identity.ts'
import { libUrl, runScript, type ProcessResult } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const USER = 'us3rn4me'
const PASSWORD = 'p4ssw0rd'
const SECRETS = [
  USER, PASSWORD, 'k3yv4lue', 't0k3nv4lue', 'h34derv4lue', 'qu3rys3cret',
  Buffer.from(`${USER}:${PASSWORD}!`).toString('base64'), Buffer.from(`${USER}:${PASSWORD}%21`).toString('base64')
]
const HEADERS = { 'x-api-key': 'k3yv4lue', 'x-token': 'Bearer t0k3nv4lue' }

/** The base URL of an endpoint, with all the credentials that a URL can hold. */
function withCredentials (receiver: Receiver, protocol = 'http:'): string {
  return `${protocol}//${USER}:${PASSWORD}%21@127.0.0.1:${receiver.port}/?sig=qu3rys3cret`
}

/** All that the client sent to say who it is, and all that its URL may have become. */
const echo = (of: (text: string) => ReturnType<typeof answer>): Behaviour => (response, request) => {
  const { 'x-token': token, authorization } = request.headers
  const parts = [String(token).split(' ').at(-1), String(authorization).split(' ').at(-1), request.url, `http://${USER}:${PASSWORD}%21@host ${PASSWORD}!`]
  of(`${JSON.stringify(request.headers)} ${parts.join(' ')}`)(response, request)
}

const FAULTS: Readonly<Record<string, Behaviour>> = {
  refuses: echo(text => answer(400, {}, text)),
  'is overloaded': echo(text => answer(503, {}, text)),
  redirects: (response, request) => { answer(307, { location: `http://${USER}:${PASSWORD}@127.0.0.1:1${request.url}` })(response, request) },
  'takes a part and says why': echo(errorMessage => answer(200, {}, encode('Response', { partialSuccess: { rejected: 1, errorMessage } }))),
  hangs: hang,
  'closes the connection': (_response, request) => { request.socket.destroy() }
}

async function listening (t: Test, usual: Behaviour, create?: (listener: RequestListener) => Server): Promise<Receiver> {
  const receiver = await Receiver.listen([], 0, create)
  receiver.usual = usual
  t.teardown(async () => { await receiver.close() })
  return receiver
}

/** All places of `texts` where a secret is. */
function leaks (texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts).flatMap(([place, text]) => SECRETS.filter(secret => text.includes(secret)).map(secret => `${place}: ${secret}`))
}

/** What a process has said, and the names and contents of all files that it wrote. */
function leftBy ({ stdout, stderr }: ProcessResult, directory: string): Record<string, string> {
  const files = globSync('**/*', { cwd: directory }).filter(path => statSync(join(directory, path)).isFile())
  return { stdout, stderr, paths: files.join('\n'), ...Object.fromEntries(files.map(path => [path, readFileSync(join(directory, path), 'latin1')])) }
}

/** Serves a request for each endpoint, and prints all that an application can find out about its telemetry. */
const APPLICATION = `
  import Fastify from 'fastify'
  import lettaOtel from ${JSON.stringify(libUrl('index.ts'))}
  const { engine, urls, headers } = JSON.parse(process.env.CASE)
  for (const url of urls) {
    process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = url.replace('/?', '/v1/traces?')
    const app = Fastify({ logger: true })
    const options = { engine, headers, serviceName: 'secretive', shutdownTimeoutMs: 400, exportIntervalMs: 60_000 - urls.indexOf(url) }
    await app.register(lettaOtel, { ...options, destination: 'otlp', logs: { file: true } })
    const conflicts = [{ endpoint: url }, { headers: { ...headers, more: headers['x-api-key'] } }]
    const mistakes = [{ endpoint: url.replace('http', 'grpc') }, { headers: { 'x-token': [headers['x-token']] } }]
    for (const wrong of [...conflicts, ...mistakes]) {
      await Fastify().register(lettaOtel, wrong).then(() => console.log('not refused'), error => { console.log(error.stack, JSON.stringify(error)) })
    }
    app.get('/', async () => { throw new Error('a failure') })
    await app.inject('/')
    console.log('flushed', await app.telemetry.flush(), JSON.stringify(app.telemetry.stats()))
    await app.close()
    console.log('closed', JSON.stringify(app.telemetry.stats()))
  }
  process.exit()`

for (const engine of ['fast', 'sdk']) {
  t.test(`engine ${engine}: credentials are told to the endpoint alone`, async t => {
    const sink = await listening(t, response => { response.end() })
    const receivers = await Promise.all(Object.values(FAULTS).map(async behaviour => await listening(t, behaviour)))
    const encrypted = await listening(t, response => { response.end() }, listener => createHttpsServer({ cert: CERTIFICATE, key: KEY }, listener))
    const gone = await Receiver.listen()
    const urls = [...receivers.map(receiver => withCredentials(receiver)), withCredentials(encrypted, 'https:'), withCredentials(gone)]
    await gone.close()
    const directory = temporaryDirectory(t)
    const result = await runScript(APPLICATION, {
      CASE: JSON.stringify({ engine, urls, headers: HEADERS }),
      LETTA_DIR: directory,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: withCredentials(sink).replace('/?', '/v1/metrics?'),
      OTEL_EXPORTER_OTLP_HEADERS: 'x-more=h34derv4lue',
      OTEL_EXPORTER_OTLP_TIMEOUT: '300',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf'
    })
    t.equal(result.code, 0, result.stderr)

    for (const [index, fault] of Object.keys(FAULTS).entries()) {
      const [arrival] = receivers[index]!.arrivals
      t.match(arrival?.headers, { ...HEADERS, 'x-more': 'h34derv4lue' }, `an endpoint that ${fault} was told`)
      if (engine === 'fast') t.match(arrival?.headers, { authorization: /^Basic / })
    }
    t.ok(sink.accepted.length >= urls.length, 'metrics arrived')
    t.notMatch(result.stdout, 'not refused')
    t.equal(result.stdout.match(/"code":"LETTA_OTEL_/g)?.length, urls.length * 4)
    t.ok(result.stdout.split('"level":40').length > urls.length - 2, 'there were warnings')
    const left = leftBy(result, directory)
    t.ok('logs/Letta.log' in left)
    if (engine === 'fast') t.ok(Object.keys(left).some(path => path.startsWith('spool/secretive/traces/')), 'something is on the disk')
    t.strictSame(leaks(left), [])
    t.strictSame(leaks(Object.fromEntries(sink.arrivals.map(({ body }, index) => [`metrics ${index}`, body.toString('latin1')]))), [])
  })
}

/** A carrier whose worker does what `entry` says. */
const CARRIER = `
  import { WorkerCarrier } from ${JSON.stringify(libUrl('export/worker-carrier.ts'))}
  const { url, headers, entry, directory } = JSON.parse(process.env.CASE)
  const carrier = new WorkerCarrier({
    endpoints: { traces: url }, headers, resource: new Uint8Array(), retry: { firstMs: 1, maxMs: 20 }, spool: { directory, maxBytes: 1e6 }
  }, problem => { process.emitWarning(problem) }, () => new URL(entry))
  const take = () => carrier.take({ signal: 'traces', scope: new Uint8Array(), items: Uint8Array.of(0x12, 0), count: 1 })
  take()
  await carrier.flush(2_000)
  take()
  console.log(await carrier.flush(300), await carrier.close(300), JSON.stringify(carrier.stats))`

t.test('a worker that crashes, or is not there, gives nothing away', async t => {
  const receiver = await listening(t, FAULTS['takes a part and says why']!)
  for (const [file, said] of [['crash.mjs', /ended unexpectedly \(Error\)/], ['absent.mjs', /sent from the main thread/]] as const) {
    const directory = temporaryDirectory(t, {
      'crash.mjs': `
        import { parentPort, workerData } from 'node:worker_threads'
        parentPort.on('message', () => { throw Object.assign(new Error(JSON.stringify(workerData)), { workerData }) })
        parentPort.postMessage({ type: 'ready' })`,
      spool: {}
    })
    const result = await runScript(CARRIER, {
      CASE: JSON.stringify({ url: withCredentials(receiver).replace('/?', '/v1/traces?'), headers: HEADERS, entry: pathToFileURL(join(directory, file)).href, directory: join(directory, 'spool') })
    })
    t.equal(result.code, 0, result.stderr)
    t.match(result.stderr, said)
    t.strictSame(leaks(leftBy(result, directory)), [])
  }
  t.match(receiver.arrivals[0]?.headers, { ...HEADERS, authorization: /^Basic / })
})
