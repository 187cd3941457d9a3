/**
 * The suite and the proofs on the other supported versions of Node, without the coverage gate: `npm run test:matrix`, or
 * `npm run test:matrix -- 22.15.0`. npm keeps the versions it downloads in its own cache.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const VERSIONS = ['22.23.3', '26.10.0']

/** What no version of Node changes: documents, generated files, code for browsers, and the benchmark's own parts. */
const SAME_EVERYWHERE = /^test\/(?:bench|dashboard\/web|grafana|prometheus|signoz|documents|public-surface|rooms)\b/

const project = fileURLToPath(new URL('..', import.meta.url))

interface Result {
  readonly status: number | null
  readonly output: string
}

async function run (command: string, args: readonly string[], cwd: string, env = process.env): Promise<Result> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
  return { status, output }
}

/** Where npm put a version of Node. It is asked from outside the project, whose own Node npx would find first. */
async function locate (version: string): Promise<string> {
  const npx = ['--yes', '--allow-scripts=node', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath']
  const path = (await run('npx', npx, tmpdir())).output.trim()
  const actual = path === '' ? 'nothing' : (await run(path, ['--version'], tmpdir())).output.trim()
  if (actual !== `v${version}`) throw new Error(`npx gave ${actual} for Node ${version}`)
  return path
}

interface Counts {
  readonly pass: number
  readonly fail: number
}

async function runSuite (version: string): Promise<Counts> {
  const node = await locate(version)
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`, NODE_COMPILE_CACHE: join(project, 'node_modules/.cache/node') }
  const tap = join(project, 'node_modules/.bin/tap')
  const { status, output } = await run(node, [tap, 'run', '--disable-coverage', '--reporter=tap', '--no-color', ...testFiles()], project, env)
  const summary = /^# \{ total: \d+(?:, pass: (\d+))?(?:, fail: (\d+))?/m.exec(output)
  const counts = { pass: Number(summary?.[1] ?? 0), fail: Number(summary?.[2] ?? 0) }
  if (status === 0 && counts.pass > 0) return counts
  console.log(failures(output))
  return { ...counts, fail: Math.max(counts.fail, 1) }
}

function testFiles (): string[] {
  return globSync('test/**/*.{test,proof}.ts', { cwd: project }).filter(file => !SAME_EVERYWHERE.test(file))
}

/** The files of the TAP output that failed, without what passed in them. */
function failures (output: string): string {
  return output.split(/^(?=# Subtest: )/m)
    .filter(file => /^not ok /m.test(file))
    .map(file => file.replace(/^ +ok .*\n/gm, '').replace(/^# \{.*\n/m, ''))
    .join('')
}

const total = { pass: 0, fail: 0 }
for (const version of process.argv.length > 2 ? process.argv.slice(2) : VERSIONS) {
  const { pass, fail } = await runSuite(version).catch((error: unknown) => {
    console.log(String(error))
    return { pass: 0, fail: 1 }
  })
  console.log(`# Node ${version}: ${pass} passed, ${fail} failed`)
  total.pass += pass
  total.fail += fail
}
console.log(`# { total: ${total.pass + total.fail}, pass: ${total.pass}, fail: ${total.fail} }`)
process.exitCode = total.fail === 0 ? 0 : 1
