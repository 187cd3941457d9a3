import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startProgram } from '../../backend/backend-process.ts'
import { spansRequest } from '../../backend/sample-requests.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { runProgram } from '../command-line.ts'

t.test('it says where it is, takes spans, and ends cleanly when it is told to', async t => {
  const path = temporaryDirectory(t)
  const data = join(path, 'data')
  const backend = await startProgram(t, [], { LETTA_DIR: path })
  t.match(backend.said, /^letta-otel listens on http:\/\/127\.0\.0\.1:\d+\n\n {2}export OTEL_EXPORTER_OTLP_ENDPOINT=http/)
  const answer = await fetch(`${backend.url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: spansRequest(30) })
  t.equal(answer.status, 200)

  const second = await runProgram(['dev', '--port', '0', '--clickhouse-port', '0', '--data', data], {})
  t.equal(second.code, 3, 'one directory has one process')
  t.match(second.stderr, /LETTA_OTEL_STORE_UNAVAILABLE: the store at .* cannot be opened: another process has it open/)
  const port = new URL(backend.url).port
  const other = await runProgram(['dev', '--port', port, '--clickhouse-port', '0', '--data', join(path, 'other')], {})
  t.equal(other.code, 3)
  t.match(other.stderr, `letta-otel: LETTA_OTEL_PORT_IN_USE: 127.0.0.1:${port} is in use by another process: end it, or choose another port with --port\n`)

  const exit = once(backend.child, 'exit')
  backend.child.kill('SIGTERM')
  t.strictSame(await exit, [0, null])
  const files = join(path, 'files')
  const exported = await runProgram(['dev', '--port', '0', '--clickhouse-port', '0', '--export', files], { LETTA_DIR: path })
  t.equal(exported.code, 0, exported.stderr)
  t.match(exported.stdout, `${join(files, 'traces.json')}: 30 rows\n`, 'what was taken last was kept')
  t.equal((await readFile(join(files, 'traces.json'), 'utf8')).match(/"spanId"/g)?.length, 30)
})

t.test('files are imported before it listens', async t => {
  const path = temporaryDirectory(t)
  const file = join(path, 'traces.json')
  await writeFile(file, `${spansRequest(5)}\n`)
  const backend = await startProgram(t, ['--data', join(path, 'data'), '--import', file])
  t.match(backend.said, `${file}: 5 rows of 1 lines\n`)
  const answer = await fetch(`${backend.clickhouseUrl}/?query=SELECT+count()+FROM+otel.otel_traces`)
  t.equal(await answer.text(), '5\n')
})
