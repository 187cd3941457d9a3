import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { temporaryDirectory } from '../temporary-directory.ts'
import { fillStore, runHere, runProgram } from './command-line.ts'

t.test('a backup is made, verified, and brought to another machine', async t => {
  const root = temporaryDirectory(t)
  const env = { LETTA_DIR: join(root, 'first') }
  await fillStore(env.LETTA_DIR, { organizations: ['org-1'], agents: 1 })

  const made = await runProgram(['store', 'backup', 'monday'], env)
  t.strictSame([made.code, made.stderr], [0, ''])
  t.match(made.stdout, /│ monday +│ otel +│ full +│ - +│/)
  await fillStore(env.LETTA_DIR, { organizations: ['org-2'], agents: 1 })
  const added = await runHere(['store', 'backup', 'tuesday', '--incremental', '--json'], env, true)
  t.match(JSON.parse(added.stdout), { name: 'tuesday', base: 'monday', database: 'otel' })
  t.match(added.stderr, /backing up: \d+ files, [\d.]+ k?B/)
  t.ok(added.stderr.endsWith('\r\u001B[K'), 'the last word on progress is taken away')
  t.match((await runHere(['store', 'backup', '--list'], env)).stdout, /│ tuesday +│ otel +│ incremental │ monday[^]*│ monday +│ otel +│ full/)
  t.match(await runHere(['store', 'backup', 'monday'], env), { code: 1, stderr: /^letta-otel: LETTA_OTEL_STORE_BACKUP_FAILED: backup "monday": .*: choose another name\n$/ })

  const verified = await runProgram(['store', 'verify', 'tuesday'], env)
  t.equal(verified.code, 0)
  t.match(verified.stdout, /│ run_metrics +│ +20 │ +20 │ yes +│[^]*\nall tables are as they were\n$/)
  t.match(await runHere(['store', 'restore', 'tuesday'], env), { code: 1, stderr: /has rows: restore into another database with --into/ })

  const other = { LETTA_DIR: join(root, 'second') }
  cpSync(join(env.LETTA_DIR, 'backups'), join(other.LETTA_DIR, 'backups'), { recursive: true })
  t.match(await runProgram(['store', 'restore', 'tuesday'], other), { code: 0, stdout: /all tables are as they were/ })
  t.match(JSON.parse((await runProgram(['store', 'query', 'slow-runs', '--from', '-7d', '--json'], other)).stdout), Array(10).fill({ outcome: String }))
  t.match(await runProgram(['store', 'restore', 'monday', '--into', 'monday', '--json'], other), { code: 0 })

  const path = join(env.LETTA_DIR, 'backups', 'monday.backup.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"rows": 10,', '"rows": 11,'))
  const different = await runHere(['store', 'verify', 'monday'], env)
  t.equal(different.code, 4)
  t.match(different.stdout, / 11 │ +10 │ no +│[^]*\n1 of \d+ tables differ\n$/)
  t.match(await runHere(['store', 'verify', 'friday'], env), { code: 1, stderr: /there is no manifest friday\.backup\.json: list the backups with: letta-otel store backup --list\n$/ })
})
