import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { distributionPath } from '../../lib/collector/build-distribution.ts'
import { releasePlatform } from '../../lib/collector/platform.ts'
import { COLLECTOR_VERSION } from '../../lib/collector/version.ts'
import { deviceId } from '../../lib/runtime/device-id.ts'
import { archiveOf, sha256 } from '../collector/archives.ts'
import { freePorts } from '../collector/free-ports.ts'
import { obedientProgram, programSaying, putProgram } from '../collector/programs.ts'
import { ProxyServer } from '../collector/proxy-server.ts'
import { ReleaseServer, status } from '../collector/release-server.ts'
import { PROJECT } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runHere, runProgram } from './command-line.ts'

const { os, arch } = releasePlatform(process.platform, process.arch)
const ARCHIVE = `otelcol-contrib_${COLLECTOR_VERSION}_${os}_${arch}.tar.gz`

/** A mirror with a release whose program is harmless. */
async function mirror (t: Test, directory = ''): Promise<ReleaseServer> {
  const server = await ReleaseServer.listen(t)
  const archive = archiveOf({ path: 'otelcol-contrib', content: obedientProgram(COLLECTOR_VERSION) })
  server.put(`${directory}/v${COLLECTOR_VERSION}/${ARCHIVE}`, archive)
  server.put(`${directory}/v${COLLECTOR_VERSION}/${ARCHIVE}.sha256`, sha256(archive))
  return server
}

t.test('help for every command', async t => {
  const { stdout } = await runHere(['collector', '--help'], {})
  for (const name of ['start', 'status', 'validate', 'install', 'which', 'print-config', 'build']) {
    t.match(stdout, new RegExp(`^  ${name}\\b`, 'm'), name)
    t.equal((await runHere(['collector', name, '--help'], {})).code, 0)
  }
})

t.test('install, and which', async t => {
  const env = { LETTA_DIR: temporaryDirectory(t), LETTA_OTELCOL_MIRROR: (await mirror(t)).url().href }
  const path = join(env.LETTA_DIR, `bin/otelcol-contrib-${COLLECTOR_VERSION}`)
  const early = await runHere(['collector', 'which'], env)
  t.strictSame([early.code, early.stdout], [3, ''])
  t.equal(early.stderr, `letta-otel: LETTA_OTEL_COLLECTOR_UNUSABLE: ${path} cannot be run as the collector: it is not there. Run letta-otel collector install\n`)
  const install = await runHere(['collector', 'install'], env, true)
  t.equal(install.code, 0)
  t.match(install.stdout, new RegExp(`^downloading http://127\\.0\\.0\\.1:\\d+/v${COLLECTOR_VERSION}/${ARCHIVE}\nunpacking\ncollector ${COLLECTOR_VERSION} is installed: ${path}\n$`))
  t.match(install.stderr.replaceAll('\u001B[K', ''), /\r[\d.]+ k?B of [\d.]+ k?B/, 'a terminal shows how far it is')
  const again = await runHere(['collector', 'install', '--json'], env)
  t.strictSame([JSON.parse(again.stdout), again.stderr], [{ path, version: COLLECTOR_VERSION, fetched: false }, ''])
  t.equal((await runHere(['collector', 'install'], env)).stdout, `collector ${COLLECTOR_VERSION} was installed before: ${path}\n`)
  t.equal((await runHere(['collector', 'which'], env)).stdout, `${path}\n`)
  t.strictSame(JSON.parse((await runHere(['collector', 'which', '--json'], env)).stdout), { path, version: COLLECTOR_VERSION, source: 'installed' })
  const own = putProgram(join(env.LETTA_DIR, 'own'), programSaying('1.2.3'))
  t.equal((await runHere(['collector', 'which'], { ...env, LETTA_OTELCOL_BINARY: own })).stdout, `${own}\n`)
})

t.test('build says where the collector is, which was built before, or what is missing', async t => {
  const cache = temporaryDirectory(t)
  const env = { XDG_CACHE_HOME: cache, PATH: cache }
  const missing = await runHere(['collector', 'build'], env)
  t.strictSame([missing.code, missing.stdout], [1, ''])
  t.match(missing.stderr, /LETTA_OTEL_COLLECTOR_BUILD_FAILED.*distribution\.yaml.*there is no go on the PATH/)
  for (const [words, distribution] of [[[], 'distribution'], [['--datadog'], 'distribution-datadog']] as const) {
    const path = await distributionPath(distribution, { env, homeDirectory: cache })
    mkdirSync(dirname(path), { recursive: true })
    putProgram(path, programSaying(COLLECTOR_VERSION))
    t.equal((await runHere(['collector', 'build', ...words], env)).stdout, `${path}\n`)
    t.strictSame(JSON.parse((await runHere(['collector', 'build', ...words, '--json'], env)).stdout), { path })
  }
})

t.test('a download that fails shows no progress to who does not look, and no credentials to anybody', async t => {
  const server = await mirror(t, '/otelcol')
  server.put(`/otelcol/v${COLLECTOR_VERSION}/${ARCHIVE}`, '', status(404))
  const url = server.url('/otelcol').href.replace('//', '//someone:p4ssw0rd@')
  for (const [words, env] of [[['--mirror', url], {}], [[], { LETTA_OTELCOL_MIRROR: url }]] as const) {
    const { code, stdout, stderr } = await runHere(['collector', 'install', ...words], { LETTA_DIR: temporaryDirectory(t), ...env })
    t.equal(code, 1)
    t.match(stderr, /^letta-otel: LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED: the download of http:\/\/127\.0\.0\.1:\d+\/otelcol\/v[^ ]+ failed: the server answered 404\. .*\n$/)
    t.notMatch(stdout + stderr, /someone|p4ssw0rd/)
  }
  t.ok(server.requests.every(({ headers }) => headers.authorization !== undefined))
})

t.test('words and variables that cannot work', async t => {
  const wrong: Array<[words: string[], env: Record<string, string>, message: RegExp]> = [
    [['install', '--mirror', 'ftp://user:p4ss@x'], {}, /LETTA_OTEL_INVALID_OPTION: letta-otel option "--mirror" cannot be "ftp:\/\/x": use an http/],
    [['install'], { LETTA_OTELCOL_MIRROR: 'user:p4ss@x' }, /LETTA_OTEL_INVALID_ENVIRONMENT: environment variable LETTA_OTELCOL_MIRROR cannot be "x": use an http/],
    [['install'], { HTTPS_PROXY: 'x' }, /LETTA_OTEL_INVALID_ENVIRONMENT: environment variable HTTPS_PROXY/],
    [['start', '--config', 'nope'], {}, /LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION: there is no collector configuration "nope"/],
    [['print-config', 'nope'], {}, /LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION/],
    [['print-config', 'file', PROJECT], {}, /LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION: .* is no configuration of the collector: it is a directory/],
    [['start', '--config', PROJECT], {}, /LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION/],
    [['start', '--config', 'clickhouse', '--config', 'signoz'], {}, /LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS: .*clickhouse and signoz/],
    [['start', '--config', 'clickhouse'], await freePorts(), /LETTA_OTEL_COLLECTOR_CANNOT_START: the collector cannot start: CLICKHOUSE_ENDPOINT \(.*\): it is not set.*; CLICKHOUSE_PASSWORD \(.*\): it is not set/],
    [['status', '--health', 'x'], {}, /LETTA_OTEL_INVALID_OPTION: letta-otel option "--health" cannot be "x"/]
  ]
  for (const [words, env, message] of wrong) {
    const { code, stdout, stderr } = await runHere(['collector', ...words], { LETTA_DIR: temporaryDirectory(t), ...env })
    t.strictSame([code, stdout], [2, ''], words.join(' '))
    t.match(stderr, message)
    t.notMatch(stderr, /p4ss/)
  }
})

t.test('print-config: one text, with variables and without values', async t => {
  const env = { CLICKHOUSE_ENDPOINT: 'http://c:8123', CLICKHOUSE_PASSWORD: 'p4ssw0rd' }
  const { code, stdout } = await runHere(['collector', 'print-config'], env)
  t.equal(code, 0)
  t.match(stdout, /^# clickhouse, as letta-otel starts it\.\n# Start the collector with --feature-gates=stanza\.synchronousLogEmitter\n/)
  t.match(stdout, /^ +password: \$\{env:CLICKHOUSE_PASSWORD\}$/m)
  t.notMatch(stdout, /p4ssw0rd|c:8123/)
  t.match((await runHere(['collector', 'print-config', 'signoz'], env)).stdout, /^# signoz, as letta-otel starts it\.\n[^]*signoz-ingestion-key/)
})

t.test('validate', async t => {
  const directory = temporaryDirectory(t)
  const env = { LETTA_DIR: directory, ...await freePorts(), LETTA_OTELCOL_BINARY: putProgram(join(directory, 'own'), obedientProgram('1.2.3')) }
  const good = await runHere(['collector', 'validate', '--config', 'file-dev'], env)
  t.equal(good.code, 0)
  t.match(good.stdout, /^configuration file-dev, as it was asked for\n[^]*│ configuration +│ file-dev +│ what the collector says of it +│ yes │\n[^│]*$/)
  const clickhouse = { ...env, CLICKHOUSE_ENDPOINT: 'http://c', CLICKHOUSE_PASSWORD: 'p4ssw0rd' }
  const refused = await runHere(['collector', 'validate'], clickhouse)
  t.equal(refused.code, 2)
  t.match(refused.stdout, /│ configuration +│ clickhouse +│ [^│]+ │ no +│\n[^│]*clickhouse \(what the collector says of it\): Error: \*\*\* is refused\n$/)
  const missing = await runHere(['collector', 'validate', '--config', 'signoz', '--json'], env)
  t.equal(missing.code, 2)
  const answer = JSON.parse(missing.stdout) as { checks: Array<{ kind: string, what: string, problem: string | null }> }
  t.match(answer, { configuration: 'signoz', ok: false })
  t.strictSame(answer.checks.filter(({ problem }) => problem !== null).map(({ what }) => what), ['SIGNOZ_ENDPOINT', 'SIGNOZ_INGESTION_KEY'])
  t.notOk(answer.checks.some(({ kind }) => kind === 'configuration'), 'the collector is not asked for what is known')
  const gone = await runHere(['collector', 'validate', '--binary', join(directory, 'not')], env)
  t.equal(gone.code, 3)
})

t.test('status', async t => {
  const server = await ReleaseServer.listen(t)
  server.put('/', '', status(200), status(200), status(503))
  server.put('/metrics', 'otelcol_receiver_accepted_spans{receiver="otlp"} 1234\notelcol_receiver_refused_spans{receiver="otlp"} 5\n')
  const { port } = server.url()
  const env = { LETTA_OTELCOL_HOST: '0.0.0.0', LETTA_OTELCOL_HEALTH_PORT: port, LETTA_OTELCOL_METRICS_PORT: port }
  const well = await runHere(['collector', 'status'], env)
  t.equal(well.code, 0)
  t.match(well.stdout, /^the collector is well\n[^]*│ otlp +│ traces +│ +1,234 │ +5 │ +- │/)
  const words = ['collector', 'status', '--health', server.url('/').href, '--metrics', server.url('/metrics').href, '--json']
  t.match(JSON.parse((await runHere(words, {})).stdout), { healthy: true, refused: 5, send_failed: 0, enqueue_failed: 0, components: [{ component: 'otlp', accepted: 1234 }] })
  const ill = await runHere(words, {})
  t.equal(ill.code, 1)
  t.match(JSON.parse(ill.stdout), { healthy: false })
  const away = await runHere(['collector', 'status'], await freePorts())
  t.equal(away.code, 3)
  for (const host of ['::1', '[::1]']) t.match((await runHere(['collector', 'status'], { ...await freePorts(), LETTA_OTELCOL_HOST: host })).stderr, /no collector answers at http:\/\/\[::1\]:\d+: E/)
  t.match(away.stderr, /LETTA_OTEL_COLLECTOR_UNAVAILABLE: no collector answers at http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED\. Start one/)
})

t.test('start: installs, says where everything is, passes signals on, and ends as the collector does', async t => {
  const directory = temporaryDirectory(t)
  const proxy = await ProxyServer.listen(t)
  const server = await mirror(t)
  const ports = await freePorts()
  const url = server.url().href.replace('//', '//someone:p4ssw0rd@')
  const env = {
    ...process.env,
    CLICKHOUSE_ENDPOINT: '',
    CLICKHOUSE_PASSWORD: '',
    SIGNOZ_ENDPOINT: '',
    LETTA_OTELCOL_BINARY: '',
    LETTA_ENVIRONMENT: 'development',
    ...ports,
    LETTA_DIR: directory,
    LETTA_OTELCOL_MIRROR: url,
    HTTP_PROXY: proxy.url,
    http_proxy: '',
    NO_PROXY: '',
    no_proxy: ''
  }
  const child = spawn(process.execPath, [`${PROJECT}lib/cli/bin.ts`, 'collector', 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 })
  const ended = once(child, 'close')
  const said: string[] = []
  const pid = child.pid!
  const answers: Record<string, NodeJS.Signals> = { ready: 'SIGHUP', 'read again': 'SIGINT', interrupted: 'SIGTERM' }
  for await (const line of createInterface(child.stdout)) {
    said.push(line)
    const signal = answers[line]
    if (signal !== undefined) process.kill(pid, signal)
  }
  t.strictSame(await ended, [7, null])
  const program = join(directory, `bin/otelcol-contrib-${COLLECTOR_VERSION}`)
  const words = said.filter(line => line.startsWith('word '))
  t.strictSame(said.filter(line => !words.includes(line)), [
    `downloading ${server.url().href}v${COLLECTOR_VERSION}/${ARCHIVE}`,
    'unpacking',
    `collector      ${COLLECTOR_VERSION} (${program})`,
    'configuration  file, as neither CLICKHOUSE_ENDPOINT and CLICKHOUSE_PASSWORD, nor SIGNOZ_ENDPOINT and SIGNOZ_INGESTION_KEY are set',
    `receives       OTLP on 127.0.0.1:${ports['LETTA_OTELCOL_GRPC_PORT']} (gRPC) and 127.0.0.1:${ports['LETTA_OTELCOL_HTTP_PORT']} (HTTP)`,
    `sends to       ${['traces', 'metrics', 'logs'].map(name => join(directory, `logs/${name}.json`)).join(', ')}`,
    ...deviceId() === undefined ? [] : [`device id      ${deviceId()}`],
    `look at it     ${join(directory, 'logs/traces.json')}`,
    `given 127.0.0.1 ${directory}`,
    'ready', 'read again', 'interrupted', 'stopping'
  ])
  t.ok(words.length > 1 && words.every(word => existsSync(word.replace('word --config=', ''))), 'with files of the package')
  t.strictSame(proxy.asked, ['.sha256', ''].map(end => `GET ${server.url().href}v${COLLECTOR_VERSION}/${ARCHIVE}${end}`), 'through the proxy')
})

t.test('start: with a collector of one’s own, in production, or with one that does not run', async t => {
  const directory = temporaryDirectory(t)
  const own = putProgram(join(directory, 'own'), programSaying('1.2.3', '[ "$1" = validate ] || exit 5'))
  const env = { LETTA_DIR: directory, ...await freePorts(), LETTA_ENVIRONMENT: 'production' }
  const { code, stdout, stderr } = await runProgram(['collector', 'start', '--binary', own, '--config', 'file-dev'], env)
  t.strictSame([code, stderr], [5, ''])
  t.match(stdout, `collector      1.2.3 (${own}); the configurations are made for ${COLLECTOR_VERSION}\n`)
  t.notMatch(stdout, 'device id')
  const gone = await runHere(['collector', 'start', '--binary', join(directory, 'not')], env)
  t.equal(gone.code, 3)
  t.match(gone.stderr, /^letta-otel: LETTA_OTEL_COLLECTOR_UNUSABLE: .*\/not cannot be run as the collector: it is not there\./)
})

t.test('start: what the collector refuses is said before anything else is', async t => {
  const directory = temporaryDirectory(t)
  const own = putProgram(join(directory, 'own'), programSaying('1.2.3', 'echo "Error: one $CLICKHOUSE_PASSWORD" >&2; echo two >&2; exit 1'))
  const env = { LETTA_DIR: directory, ...await freePorts(), CLICKHOUSE_ENDPOINT: 'http://c', CLICKHOUSE_PASSWORD: 'p4ss' }
  const { code, stdout, stderr } = await runHere(['collector', 'start', '--binary', own], env)
  t.strictSame([code, stdout], [2, ''])
  t.equal(stderr, 'letta-otel: LETTA_OTEL_COLLECTOR_CANNOT_START: the collector cannot start: clickhouse (what the collector says of it): Error: one ***; two\n')
})

t.test('start: a signal before the collector runs ends what it is asked, and the command', async t => {
  for (const [question, signal] of [['--version', 'SIGINT'], ['validate', 'SIGTERM'], ['validate', 'SIGHUP']] as const) {
    const directory = temporaryDirectory(t)
    const pids = join(directory, 'pids')
    execFileSync('mkfifo', [pids])
    const deaf = putProgram(join(directory, 'own'), `#!/bin/sh\n[ "$1" = ${question} ] || exec echo "own version 1.2.3"\ntrap "" INT TERM HUP\necho $$ > ${pids}\nexec sleep 600\n`)
    const child = spawn(process.execPath, [`${PROJECT}lib/cli/bin.ts`, 'collector', 'start', '--binary', deaf, '--config', 'file-dev'], {
      env: { ...process.env, ...await freePorts(), LETTA_DIR: directory }, stdio: ['ignore', 'ignore', 'inherit']
    })
    const ended = once(child, 'exit')
    const [pid] = await once(createReadStream(pids, 'utf8'), 'data') as [string]
    child.kill(signal)
    const [code, by] = await ended as [number | null, string | null]
    // Where the test runner listens for signals in every process, the command ends by itself, over what it could not ask.
    t.ok(by === signal || code === 2 || code === 3, `${signal} at ${question} ends it: ${code ?? by}`)
    t.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' }, 'nothing is left behind')
  }
})

t.test('credentials in an address are refused, and shown by no command', async t => {
  const directory = temporaryDirectory(t)
  const own = putProgram(join(directory, 'own'), programSaying('1.2.3', 'env >&2; exit 1'))
  const ports = await freePorts()
  const wrong: Array<[config: string, env: Record<string, string>]> = [
    ['clickhouse', { CLICKHOUSE_ENDPOINT: 'http://u:hun/ter22@127.0.0.1:99999', CLICKHOUSE_PASSWORD: 'hunter22' }],
    ['clickhouse', { CLICKHOUSE_ENDPOINT: 'http://u:hunter22 @[::1', CLICKHOUSE_PASSWORD: 'x' }],
    ['clickhouse', { CLICKHOUSE_ENDPOINT: 'tcp://c:9000?password=hunter22', CLICKHOUSE_PASSWORD: 'x' }],
    ['signoz', { SIGNOZ_ENDPOINT: 'u:hunter22@s:443', SIGNOZ_INGESTION_KEY: 'k' }],
    ['gateway-edge', { LETTA_OTELCOL_SAMPLERS: 'a:1,http://u:hunter22@b' }]
  ]
  for (const [config, variables] of wrong) {
    for (const command of ['start', 'validate']) {
      const { code, stdout, stderr } = await runHere(['collector', command, '--config', config, '--binary', own], { LETTA_DIR: directory, ...ports, ...variables })
      t.equal(code, 2)
      t.match(stdout + stderr, new RegExp(`${Object.keys(variables)[0]} \\(.*\\): it has a user or a password in it`))
      t.notMatch(stdout + stderr, /hunter22|ter22/)
    }
  }
})

t.test('start: a collector that ends while another one has its queue', async t => {
  const directory = temporaryDirectory(t, { collector: { queue: { exporter_clickhouse__traces: '' } } })
  const own = putProgram(join(directory, 'own'), programSaying('1.2.3', '[ "$1" = validate ] || exit 1'))
  const env = { LETTA_DIR: directory, ...await freePorts(), CLICKHOUSE_ENDPOINT: 'http://c', CLICKHOUSE_PASSWORD: 'p4ss' }
  const { code, stderr } = await runProgram(['collector', 'start', '--binary', own], env)
  t.equal(code, 1)
  t.match(stderr, `another collector has ${directory}/collector/queue: one at a time can.`)
})
