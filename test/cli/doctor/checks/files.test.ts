import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { checkConfiguration } from '../../../../lib/cli/doctor/checks/configuration.ts'
import { checkDiskSpace } from '../../../../lib/cli/doctor/checks/disk-space.ts'
import { checkLogDirectory } from '../../../../lib/cli/doctor/checks/log-directory.ts'
import { checkNodeVersion } from '../../../../lib/cli/doctor/checks/node-version.ts'
import { checkSpool } from '../../../../lib/cli/doctor/checks/spool.ts'
import { Spool } from '../../../../lib/export/spool/spool.ts'
import { openSegment, segmentFile } from '../../../../lib/export/spool/segment-name.ts'
import { temporaryDirectory } from '../../../temporary-directory.ts'
import { inspect } from '../inspect.ts'

t.test('what waits in the spool', async t => {
  const root = temporaryDirectory(t)
  const look = async (): Promise<unknown> => await checkSpool(inspect({ LETTA_DIR: root }))
  t.strictSame(await look(), { status: 'ok', found: `nothing waits in ${root}/spool` })

  const spool = await Spool.open({ directory: join(root, 'spool/agent-server/traces'), maxBytes: 1e6, onProblem: problem => { t.fail(problem) } })
  await spool.append({ signal: 'traces', count: 1, body: Buffer.alloc(1_000) })
  t.match(await look(), { status: 'ok', found: /^1\.03 kB of 268 MB wait in agent-server\/traces, for up to [\d.]+ m?s$/ })
  await spool.close()

  const segment = (directory: string, megabytes: number, ageMs: number): void => {
    mkdirSync(join(root, 'spool', directory), { recursive: true })
    const file = join(root, 'spool', directory, segmentFile(openSegment(Date.now() - ageMs, 0, '1_a_b_c')))
    writeFileSync(file, '')
    truncateSync(file, megabytes * 1e6)
  }
  segment('other/logs', 1, 3_600_000)
  t.match(await look(), { status: 'warning', found: /1 MB of 201 MB wait in other\/logs, for up to 1 h/, advice: /same service name/ })
  segment('other/rows/0123456789ab', 150, 0)
  t.match(await look(), { status: 'warning', found: /150 MB of 268 MB wait in other\/rows\/0123456789ab/ })
  segment('third/metrics', 64, 0)
  t.match(await look(), { status: 'failure', found: /64 MB of 67\.1 MB wait in third\/metrics, .*: it is full, and the oldest are dropped/ })
})

t.test('where logs and files are written', async t => {
  const root = temporaryDirectory(t, { file: '', letta: { logs: { 'Letta.log': 'a line\n', 'traces.json': '', other: '' } }, broken: { logs: { 'metrics.json': {} } } })
  const look = async (path: string): Promise<unknown> => await checkLogDirectory(inspect({ LETTA_DIR: join(root, path) }))
  t.strictSame(await look('letta'), { status: 'ok', found: `${root}/letta/logs can be written, and in it Letta.log, traces.json` })
  t.strictSame(readdirSync(join(root, 'letta/logs')).sort(), ['Letta.log', 'other', 'traces.json'], 'nothing is left behind')
  t.strictSame(await look('new/one'), { status: 'ok', found: `${root}/new/one/logs does not exist yet and can be made` })
  t.strictSame(readdirSync(root).sort(), ['broken', 'file', 'letta'])
  t.match(await look('broken'), { status: 'failure', found: `${root}/broken/logs/metrics.json cannot be written (EISDIR)`, advice: /LETTA_DIR/ })
  t.match(await look('file'), { status: 'failure', found: /cannot be written \(ENOTDIR\)$/ })
})

t.test('a directory of somebody else', async t => {
  const root = temporaryDirectory(t, { logs: {} })
  if (process.getuid?.() !== 0) {
    chmodSync(join(root, 'logs'), 0o555)
    t.match(await checkLogDirectory(inspect({ LETTA_DIR: root })), { status: 'failure', found: `${root}/logs cannot be written (EACCES)` })
    return
  }
  // Rights do not hold root back: a file system that is read-only does.
  const script = `mount -t tmpfs -o ro none ${root}/logs && exec ${process.execPath} ${process.execArgv.map(word => `'${word}'`).join(' ')} --input-type=module --eval "
    import { checkLogDirectory } from '${new URL('../../../../lib/cli/doctor/checks/log-directory.ts', import.meta.url).href}'
    import { Inspection } from '${new URL('../../../../lib/cli/doctor/inspection.ts', import.meta.url).href}'
    console.log(JSON.stringify(await checkLogDirectory(new Inspection({ env: { LETTA_DIR: '${root}' }, timeoutMs: 1000 }))))"`
  const ran = await promisify(execFile)('unshare', ['--mount', 'sh', '-c', script]).catch((problem: { code: unknown, stderr: string }) => problem)
  if ('code' in ran) {
    t.comment(`not checked, as nothing can be mounted here: ${ran.stderr}`)
    return
  }
  t.match(JSON.parse(ran.stdout), { status: 'failure', found: `${root}/logs cannot be written (EROFS)` })
})

t.test('room on the disk', async t => {
  const look = async (bavail: number, files = 10, ffree = 5): Promise<unknown> =>
    await checkDiskSpace(inspect({ LETTA_DIR: t.testdirName }), (async () => ({ bavail, bsize: 4_096, files, ffree })) as never)
  t.match(await look(1e6), { status: 'ok', found: /^4\.1 GB are free/ })
  t.match(await look(1e5), { status: 'warning', found: /^410 MB are free .* may take 3 GB/ })
  t.match(await look(1e4), { status: 'failure', advice: /make room/ })
  t.match(await look(1e6, 10, 0), { status: 'failure', found: /no more files/ })
  t.match(await look(1e6, 0, 0), { status: 'ok' }, 'a file system without a table of files')
  t.match(await checkDiskSpace(inspect({ LETTA_DIR: join(t.testdirName, 'not/there') })), { found: /are free where/ })
})

t.test('Node and the environment', async t => {
  t.match(await checkNodeVersion(), { status: 'ok', found: /^Node [\d.]+; 22\.15 or later is needed$/ })
  for (const old of ['20.19.0', '22.14.9']) t.match(await checkNodeVersion(old), { status: 'failure', found: new RegExp(`^Node ${old}; `) })
  t.match(await checkNodeVersion('24.0.0'), { status: 'ok' })

  t.match(await checkConfiguration(inspect({ LETTA_DIR: '/letta' })), { status: 'ok', found: 'telemetry is written to files in /letta/logs: no endpoint is set' })
  t.match(await checkConfiguration(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:s3cret@host:1/?key=s3cret' })), { status: 'ok', found: 'telemetry is sent to http://host:1/v1/traces' })
  t.match(await checkConfiguration(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://host:1', NODE_ENV: 'test' })), { status: 'ok', found: /in memory/ })
  t.match(await checkConfiguration(inspect({}, { endpoint: 'http://other:2' })), { status: 'ok', found: 'telemetry is sent to http://other:2/v1/traces' })
  t.match(await checkConfiguration(inspect({ OTEL_SDK_DISABLED: 'true' })), { status: 'warning', found: /telemetry is off/ })
  t.match(await checkConfiguration(inspect({ OTEL_TRACES_SAMPLER: 'sometimes', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://host:1', OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' })), {
    status: 'warning', found: /OTEL_TRACES_SAMPLER is ignored.*; .*OTEL_EXPORTER_OTLP_TIMEOUT is ignored/
  })
  t.match(await checkConfiguration(inspect({ OTEL_EXPORTER_OTLP_ENDPOINT: 'user:s3cret@collector' })), { status: 'failure', found: /OTEL_EXPORTER_OTLP_ENDPOINT cannot be "collector"/ })
})
