import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { installCollector, type InstallOptions } from '../../lib/collector/install.ts'
import { installedPath, isInstalled } from '../../lib/collector/installed.ts'
import { runScript, libUrl } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { archiveOf, sha256, type Member } from './archives.ts'
import { IMPATIENT } from './impatient.ts'
import { programSaying, putProgram } from './programs.ts'
import { breakOff, ReleaseServer, serve, status, type Answer } from './release-server.ts'

const VERSION = '9.8.7'
const ARCHIVE = `otelcol-contrib_${VERSION}_linux_amd64.tar.gz`
/** Large enough to be broken off in the middle. */
const PADDING = { path: 'README.md', content: randomBytes(500_000) }
const PROGRAM = { path: 'otelcol-contrib', content: programSaying(VERSION) }
const OLD = programSaying('9.8.6')

interface Release {
  readonly members?: Member[]
  readonly answers?: Answer[]
  readonly checksum?: (archive: Buffer) => string
}

async function release (t: Test, { members = [PADDING, PROGRAM], answers = [], checksum = sha256 }: Release = {}) {
  const server = await ReleaseServer.listen(t)
  const archive = archiveOf(...members)
  server.put(`/v${VERSION}/${ARCHIVE}`, archive, ...answers)
  server.put(`/v${VERSION}/${ARCHIVE}.sha256`, checksum(archive))
  const root = temporaryDirectory(t, { bin: {} })
  const directory = join(root, 'bin')
  const options: InstallOptions = {
    directory,
    mirror: server.url(),
    env: {},
    version: VERSION,
    platform: { system: 'linux', processor: 'x64' },
    patience: IMPATIENT,
    limits: { archiveBytes: 10_000_000, unpackedBytes: 10_000_000 }
  }
  const install = async (more: Partial<InstallOptions> = {}) => await installCollector({ ...options, ...more })
  return { server, archive, directory, root, options, install, path: installedPath(directory, VERSION), fetched: () => server.count(ARCHIVE) }
}

t.test('a version that is missing', async t => {
  const { install, directory, path, root } = await release(t)
  const steps: string[] = []
  let bytes = 0
  const nested = join(root, 'a/b')
  t.strictSame(await install({ directory: nested, onStep: step => { steps.push(step) }, onProgress: now => { bytes = now } }),
    { path: installedPath(nested, VERSION), version: VERSION, fetched: true })
  t.match(steps, [/^downloading http:\/\/127\.0\.0\.1:\d+\/v9\.8\.7\/otelcol-contrib_9\.8\.7_linux_amd64\.tar\.gz$/, 'unpacking'])
  t.ok(bytes > PADDING.content.length)
  t.strictSame(readdirSync(nested), [`otelcol-contrib-${VERSION}`], 'and nothing beside it')
  t.equal(statSync(installedPath(nested, VERSION)).mode & 0o777, 0o755)
  await install()
  t.equal(readFileSync(path, 'utf8'), PROGRAM.content)
  t.ok(await isInstalled(directory, VERSION))
})

t.test('what is there is not fetched again', async t => {
  const { install, path, server } = await release(t)
  putProgram(path, programSaying(VERSION, 'mine'))
  t.match(await install(), { path, fetched: false })
  t.equal(server.requests.length, 0)
})

t.test('a version that is unknown or another is replaced', async t => {
  for (const source of [programSaying('1.0.0'), '#!/bin/sh\nexit 1\n', 'damaged', '']) {
    const { install, path } = await release(t)
    putProgram(path, source)
    t.match(await install(), { fetched: true })
    t.equal(readFileSync(path, 'utf8'), PROGRAM.content)
  }
})

const damagedChecksum = (archive: Buffer): string => sha256(Buffer.concat([archive, Buffer.from('x')]))
const failures: Array<[name: string, release: Release, error: { readonly code: string, readonly message?: RegExp }]> = [
  ['an archive that is not the released one', { checksum: damagedChecksum }, { code: 'LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH', message: /its SHA-256 should be [0-9a-f]{64} and is [0-9a-f]{64}/ }],
  ['an archive cut off at the mirror', { answers: [(response, request, body) => { serve(response, request, body.subarray(0, body.length / 2)) }] }, { code: 'LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH' }],
  ['an archive that is not there', { answers: [status(404)] }, { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', message: /answered 404\. Check that the release, or the mirror, has this file$/ }],
  ['a page in place of the checksum', { checksum: () => '<html>sign in</html>' }, { code: 'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED', message: /holds no SHA-256/ }],
  ['a checksum of another archive', { checksum: archive => `${sha256(archive)}  other.tar.gz\n` }, { code: 'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED' }],
  ['an endless checksum', { checksum: () => 'a'.repeat(70_000) }, { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', message: /larger than 65536 bytes/ }],
  ['an archive that is damaged, with the checksum of that', { members: [{ path: 'x', content: 'y' }], checksum: archive => sha256(archive.subarray(0, 20)), answers: [(response, request, body) => { serve(response, request, body.subarray(0, 20)) }] }, { code: 'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED' }],
  ['an archive with a path that leads up', { members: [{ path: '../../evil', content: 'x' }, PROGRAM] }, { code: 'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED', message: /would lie outside/ }],
  ['an archive with a link for a program', { members: [{ path: 'otelcol-contrib', type: 'SymbolicLink', linkpath: '/bin/sh' }] }, { code: 'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED', message: /is a link/ }],
  ['an archive that is larger than any release', { members: [PROGRAM, { path: 'more', content: randomBytes(5_000_000) }, { path: 'zeros', content: Buffer.alloc(5_000_000) }] }, { code: 'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED', message: /more than 10000000 bytes/ }],
  ['a program that does not run', { members: [{ path: 'otelcol-contrib', content: '#!/bin/sh\nexit 7\n' }] }, { code: 'LETTA_OTEL_COLLECTOR_UNUSABLE', message: /^otelcol-contrib-9\.8\.7 cannot be run as the collector: .*ended with 7/ }],
  ['a program of another version', { members: [{ path: 'otelcol-contrib', content: OLD }] }, { code: 'LETTA_OTEL_COLLECTOR_UNUSABLE', message: /it says that it is version 9\.8\.6/ }]
]
for (const [name, what, error] of failures) {
  t.test(`${name}: refused, and what was there still runs`, async t => {
    const { install, directory, root, path } = await release(t, what)
    const older = putProgram(installedPath(directory, '9.8.6'), OLD)
    putProgram(path, OLD)
    await t.rejects(install(), error)
    t.strictSame([readFileSync(older, 'utf8'), readFileSync(path, 'utf8')], [OLD, OLD])
    t.ok(await isInstalled(directory, '9.8.6'))
    t.notOk(existsSync(join(root, 'evil')))
    const left = readdirSync(directory).filter(name => name.endsWith('.partial'))
    const isKept = error.code === 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED'
    t.strictSame(left, isKept ? [`${ARCHIVE}~nobody.partial`] : [], 'only what can be gone on with is left')
  })
}

t.test('what was cut off is gone on with by the next attempt', async t => {
  const { install, server, path, fetched } = await release(t, { answers: [breakOff, status(403), serve] })
  await t.rejects(install(), { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED' })
  await install()
  t.equal(readFileSync(path, 'utf8'), PROGRAM.content)
  t.equal(fetched(), 3)
  const [first, , last] = server.requests.filter(({ path }) => path.endsWith(ARCHIVE)).map(({ headers }) => headers.range)
  t.equal(first, undefined)
  t.match(last, /^bytes=[1-9]\d+-$/)
})

t.test('what is no beginning of the release is begun anew, once', async t => {
  const { install, directory, path, fetched } = await release(t)
  writeFileSync(join(directory, `${ARCHIVE}~nobody.partial`), 'the beginning of another release')
  await install()
  t.equal(readFileSync(path, 'utf8'), PROGRAM.content)
  t.equal(fetched(), 2)
  const wrong = await release(t, { checksum: damagedChecksum })
  writeFileSync(join(wrong.directory, `${ARCHIVE}~nobody.partial`), 'the beginning of another release')
  await t.rejects(wrong.install(), { code: 'LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH' })
  t.equal(wrong.fetched(), 2)
})

t.test('a process that was killed in the middle leaves what the next one goes on with', async t => {
  const arrived = Promise.withResolvers<void>()
  const { install, options, server, directory, path } = await release(t, {
    answers: [
      (response, _request, body) => {
        response.writeHead(200, { 'content-length': body.length })
        response.write(body.subarray(0, 300_000), () => { arrived.resolve() })
      },
      serve
    ]
  })
  const child = runScript(`
    import { watch, readdirSync, statSync } from 'node:fs'
    import { installCollector } from '${libUrl('collector/install.ts')}'
    // Dies as soon as something is on the disk, without a chance to clean up.
    const onProgress = bytes => { if (bytes > 100_000) process.kill(process.pid, 'SIGKILL') }
    await installCollector({ ...${JSON.stringify(options)}, mirror: new URL('${options.mirror?.href}'), onProgress })
  `)
  await arrived.promise
  t.equal((await child).signal, 'SIGKILL')
  t.equal(readdirSync(directory).length, 1)
  await install()
  t.equal(readFileSync(path, 'utf8'), PROGRAM.content)
  t.strictSame(readdirSync(directory), [`otelcol-contrib-${VERSION}`])
  t.match(server.requests.at(-1)?.headers.range, /^bytes=[1-9]\d{5}-$/)
})

t.test('two at once: one fetches, the other waits and uses what it has', async t => {
  const asked = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const { install, fetched, options, path } = await release(t, {
    answers: [(response, request, body) => {
      asked.resolve()
      void go.promise.then(() => { serve(response, request, body) })
    }]
  })
  const first = install()
  await asked.promise
  const second = runScript(`
    import { installCollector } from '${libUrl('collector/install.ts')}'
    const onStep = step => { console.log(step) }
    console.log(await installCollector({ ...${JSON.stringify(options)}, mirror: new URL('${options.mirror?.href}'), onStep }))
  `)
  const third = install({ onStep: () => { go.resolve() } })
  t.match(await Promise.all([first, third]), [{ path, fetched: true }, { path, fetched: false }])
  t.match((await second).stdout, /fetched: false/)
  t.equal(fetched(), 1)
})

t.test('many at the same moment', async t => {
  const { install, directory, path } = await release(t)
  const all = await Promise.all(Array.from({ length: 4 }, () => install()))
  for (const one of all) t.match(one, { path, version: VERSION })
  t.equal(readFileSync(path, 'utf8'), PROGRAM.content)
  t.strictSame(readdirSync(directory), [`otelcol-contrib-${VERSION}`])
})

t.test('who waits for one that fails does it himself', async t => {
  const asked = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const { install, path } = await release(t, {
    answers: [response => {
      asked.resolve()
      void go.promise.then(() => { response.writeHead(403).end() })
    }, serve]
  })
  const first = install()
  await asked.promise
  const second = install({ onStep: () => { go.resolve() } })
  await t.rejects(first, { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED' })
  t.match(await second, { path, fetched: true })
})

t.test('a directory that cannot be written to', async t => {
  const { install, root } = await release(t)
  const file = join(root, 'file')
  writeFileSync(file, '')
  for (const directory of [file, join(file, 'bin')]) {
    await t.rejects(install({ directory }), { code: 'LETTA_OTEL_COLLECTOR_INSTALL_FAILED', message: /^the collector cannot be installed as .*\/otelcol-contrib-9\.8\.7: E[A-Z]+: .*set LETTA_DIR/ }, directory)
  }
})

t.test('a directory that is read-only', async t => {
  const { directory, options } = await release(t)
  chmodSync(directory, 0o555)
  t.teardown(() => { chmodSync(directory, 0o755) })
  const { stderr } = await runScript(`
    import { installCollector } from '${libUrl('collector/install.ts')}'
    // Root may write anywhere.
    if (process.getuid() === 0) process.setuid(65534)
    await installCollector({ ...${JSON.stringify(options)}, mirror: new URL('${options.mirror?.href}') })
  `)
  t.match(stderr, /the collector cannot be installed as .*otelcol-contrib-9\.8\.7: EACCES[^]*LETTA_OTEL_COLLECTOR_INSTALL_FAILED/)
})

t.test('a platform without a release', async t => {
  const { install, server } = await release(t)
  await t.rejects(install({ platform: { system: 'win32', processor: 'x64' } }), { code: 'LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM' })
  t.equal(server.requests.length, 0)
})

t.test('credentials of a mirror are sent, and shown nowhere', async t => {
  const { install, server, options } = await release(t, { answers: [status(403)] })
  const mirror = new URL(options.mirror!)
  mirror.username = 'someone'
  mirror.password = 'p4ssw0rd'
  mirror.search = '?token=t0ken'
  const said: string[] = []
  const problem = await install({ mirror, onStep: step => { said.push(step) } }).catch((problem: unknown) => problem)
  t.match(problem, { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED' })
  said.push(inspect(problem, { showHidden: true, depth: 9 }))
  t.equal(server.requests[0]?.headers.authorization, `Basic ${Buffer.from('someone:p4ssw0rd').toString('base64')}`)
  t.match(server.requests[0]?.path, /\?token=t0ken$/)
  t.notMatch(said.join('\n'), /someone|p4ssw0rd|t0ken/)
})
