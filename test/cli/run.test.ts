import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../lib/store/open-store.ts'
import { NAMED_QUERIES } from '../../lib/store/queries/named-queries.ts'
import { PROJECT } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { fillStore, runHere, runProgram } from './command-line.ts'

const root = temporaryDirectory(t, { file: '' })
const env = { LETTA_DIR: root }

t.test('help for everything, without a store', async t => {
  const help = await runHere(['--help'], env)
  t.equal(help.code, 0)
  for (const text of ['CLICKHOUSE_ENDPOINT', 'LETTA_DIR', 'Exit codes', 'store', 'collector', 'doctor']) t.match(help.stdout, text)
  const store = await runHere(['store', '--help'], env)
  for (const name of ['migrate', 'status', 'query', 'retention', 'backup', 'restore', 'verify', 'plan']) {
    t.match(store.stdout, new RegExp(`^  ${name}\\b`, 'm'), name)
    const own = await runHere(['store', name, '--help'], env)
    t.equal(own.code, 0)
    t.match(own.stdout, '--json', `${name} answers as JSON`)
  }
  for (const query of Object.values(NAMED_QUERIES)) {
    const own = await runHere(['store', 'query', query.name, '--help'], env)
    for (const parameter of Object.keys(query.parameters)) t.match(own.stdout, `--${parameter.replaceAll('_', '-')} <value>`, `${query.name} ${parameter}`)
  }
})

t.test('a wrong command line', async t => {
  const wrong: Array<[words: string[], message: RegExp]> = [
    [['stroe'], /unknown command 'stroe'/],
    [['store', 'statsu'], /unknown command 'statsu'/],
    [['store', 'status', '--nope'], /unknown option '--nope'/],
    [['store', 'query', 'nope'], /^letta-otel: LETTA_OTEL_STORE_UNKNOWN_QUERY: there is no query "nope": ask one of slow-runs, .*\n$/],
    [['store', 'query', 'trace'], /required option '--trace <value>' not specified/],
    [['store', 'plan', '--runs-per-day', 'many', '--bytes-per-run', '1'], /^letta-otel: LETTA_OTEL_INVALID_OPTION: letta-otel option "--runs-per-day" cannot be "many": use a number above 0\n$/],
    [['store', 'restore', 'monday', '--into', 'a b'], /"--into" cannot be "a b": use letters/],
    [['store', 'retention', '--days', '3'], /"--days" cannot be set without a table/],
    [['store', 'retention', 'otel_logs', '--hot-days', '3'], /"--days" cannot be left out/]
  ]
  for (const [words, message] of wrong) {
    const { code, stdout, stderr } = await runHere(words, env)
    t.strictSame([code, stdout], [2, ''], words.join(' '))
    t.match(stderr, message)
  }
})

t.test('a reader that is gone changes no exit code', async t => {
  for (const [words, expected] of [[['stroe'], 2], [['store', 'query'], 0]] as const) {
    const child = spawn(process.execPath, [`${PROJECT}lib/cli/bin.ts`, ...words], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    child.stderr.destroy()
    const [code] = await once(child, 'exit')
    t.equal(code, expected, words.join(' '))
  }
})

t.test('queries are listed, and their SQL is no secret', async t => {
  const { stdout } = await runHere(['store', 'query', '--json'], env)
  t.strictSame((JSON.parse(stdout) as Array<{ name: string }>).map(({ name }) => name), Object.keys(NAMED_QUERIES))
  t.match((await runHere(['store', 'query'], env)).stdout, /│ slow-runs +│ Slowest runs/)
  t.equal((await runHere(['store', 'query', 'slo', '--sql'], env)).stdout.trim(), NAMED_QUERIES.slo.sql.trim())
})

t.test('a store that cannot be opened', async t => {
  const file = await runHere(['store', 'status'], { LETTA_DIR: join(root, 'file') })
  t.equal(file.code, 3)
  t.match(file.stderr, /^letta-otel: LETTA_OTEL_STORE_UNAVAILABLE: the store at .* cannot be opened: .*\n$/)
  const variables = { CLICKHOUSE_ENDPOINT: 'http://someone:hunter2@127.0.0.1:1', CLICKHOUSE_PASSWORD: 'p4ssw0rd' }
  const server = await runProgram(['store', 'status'], { ...env, ...variables })
  t.equal(server.code, 3)
  t.match(server.stderr, /^letta-otel: LETTA_OTEL_STORE_UNAVAILABLE: the store at http:\/\/127\.0\.0\.1:1 cannot be opened/)
  t.notMatch(server.stdout + server.stderr, /hunter2|p4ssw0rd/, 'passwords are not shown')
  const wrong = await runHere(['store', 'status'], { ...env, CLICKHOUSE_ENDPOINT: 'user:p4ssw0rd@host' })
  t.equal(wrong.code, 2)
  t.match(wrong.stderr, /^letta-otel: LETTA_OTEL_INVALID_ENVIRONMENT: /)
  t.notMatch(wrong.stderr, /p4ssw0rd/)
})

t.test('a day in the life of a store', async t => {
  const own = { LETTA_DIR: join(root, 'letta') }
  const early = await runHere(['store', 'query', 'slow-runs'], own)
  t.equal(early.code, 3)
  t.match(early.stderr, /LETTA_OTEL_STORE_NOT_MIGRATED: database "otel" has schema version 0, and \d+ is needed: run letta-otel store migrate\n$/)
  t.match((await runHere(['store', 'status'], own)).stdout, /schema version 0 of \d+: run letta-otel store migrate\n/)

  const migrated = await runProgram(['store', 'migrate'], own)
  t.strictSame([migrated.code, migrated.stderr], [0, ''], 'no progress where nobody sees it')
  t.match(migrated.stdout, /│ traces +│[^]*\nschema version \d+\n$/)
  const again = await runHere(['store', 'migrate', '--json'], own)
  t.match(JSON.parse(again.stdout), { applied: [] })
  t.ok((await runHere(['store', 'migrate'], own, true)).stderr.includes('\r\u001B[Kmaking tables'), 'a terminal shows progress')
  const empty = await runHere(['store', 'plan', '--runs-per-day', '10'], own)
  t.equal(empty.code, 2)
  t.match(empty.stderr, /there is no run in the store yet to measure/)

  await fillStore(own.LETTA_DIR)
  const status = JSON.parse((await runHere(['store', 'status', '--json'], own)).stdout) as { schema_version: number, tables: Array<Record<string, unknown>> }
  t.match(status, { kind: 'embedded', database: 'otel', pending: [] })
  const runs = status.tables.find(({ table }) => table === 'run_metrics')!
  t.equal(runs['rows'], 40)
  t.ok(Number(runs['bytes']) > 0 && Number(runs['compression']) > 1)
  t.ok(String(runs['oldest']) < String(runs['newest']))
  t.match(status.tables.find(({ table }) => table === 'jobs_states'), { rows: 0, compression: null, oldest: null })
  t.match((await runHere(['store', 'status'], own)).stdout, /│ run_metrics +│ +40 │/)

  const slow = await runProgram(['store', 'query', 'slow-runs', '--from', '-7d', '--minimum-ms', '19000', '--organization', 'org-2', '--json'], own)
  t.strictSame([slow.code, slow.stderr], [0, ''])
  t.strictSame((JSON.parse(slow.stdout) as Array<{ id: string }>).map(({ id }) => id), ['run-org-2-0-9', 'run-org-2-1-9'])
  t.match((await runHere(['store', 'query', 'ttft', '--from', '-7d'], own)).stdout, /│ acme +│ model-a +│ +40 │ +125 ms │/)
  t.equal((await runHere(['store', 'query', 'ttft', '--model', 'nope'], own)).stdout, 'nothing found\n')
  const refused = await runHere(['store', 'query', 'ttft', '--limit', '0'], own)
  t.strictSame([refused.code, refused.stdout], [2, ''])

  const plan = JSON.parse((await runHere(['store', 'plan', '--runs-per-day', '40', '--days', '60', '--json'], own)).stdout) as { tables: Array<Record<string, unknown>>, total: Record<string, number> }
  const ofRuns = plan.tables.find(({ table }) => table === 'run_metrics')!
  t.equal(ofRuns['bytes'], Number(runs['bytes']) * 60, 'what 40 runs left, 60 times')
  t.match(plan.tables.find(({ table }) => table === 'provider_trace_payloads'), { days: 30 }, 'and not longer than it is kept')

  const shorter = await runHere(['store', 'retention', 'otel_logs', '--days', '7'], own)
  t.equal(shorter.code, 2)
  t.match(shorter.stderr, /LETTA_OTEL_STORE_RETENTION_SHORTER/)
  t.equal((await runHere(['store', 'retention', 'otel_logs', '--days', '7', '--allow-loss'], own)).code, 0)
  t.match((await runHere(['store', 'retention'], own)).stdout, /│ otel_logs +│ +7 │/)
  t.equal((await runHere(['store', 'retention', 'nope', '--days', '7'], own)).code, 2)

  const store = await openStore({ path: join(own.LETTA_DIR, 'data') })
  await store.engine.insert('schema_migrations', '{"version":999,"name":"future"}', 1)
  await store.close()
  t.match(await runHere(['store', 'query', 'slow-runs'], own), { code: 3, stderr: /LETTA_OTEL_STORE_TOO_NEW: database "otel" has schema version 999/ })
})
