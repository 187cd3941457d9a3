/**
 * `npm run test:collector`: the configurations, on a real collector. `npm run test:collector -- signoz` runs some of the proofs.
 * The collector is built where Go is installed, unless LETTA_OTEL_COLLECTOR names one.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { buildDistribution } from '../../../lib/collector/build-distribution.ts'

const TIMEOUT_MS = 5 * 60_000

const wanted = process.argv.slice(2)
const directory = fileURLToPath(new URL('scenarios/', import.meta.url))
const counts = { pass: 0, fail: 0 }

const program = await findProgram()
if (program === undefined) {
  console.log('# skipped: there is no go to build a collector with, and LETTA_OTEL_COLLECTOR names none\n# { total: 1, skip: 1 }')
} else {
  const start = performance.now()
  for (const path of globSync('*.ts', { cwd: directory }).sort()) {
    const name = basename(path, '.ts')
    if (wanted.length === 0 || wanted.includes(name)) await run(name, program)
  }
  console.log(`\n${((performance.now() - start) / 60_000).toFixed(1)} minutes`)
  console.log(`# { total: ${counts.pass + counts.fail}, pass: ${counts.pass}, fail: ${counts.fail} }`)
  process.exitCode = counts.fail === 0 && counts.pass > 0 ? 0 : 1
}

/** Where it is checked that everything works, a collector that is missing is a failure. */
async function findProgram (): Promise<string | undefined> {
  const named = process.env['LETTA_OTEL_COLLECTOR']
  if (named) return named
  const hasGo = spawnSync('go', ['version']).status === 0
  if (!hasGo && !process.env['CI']) return undefined
  return await buildDistribution('distribution', { env: process.env, homeDirectory: homedir(), onProgress: line => { console.log(`# ${line}`) } })
}

/** One at a time: some measure. Its own sum is left out: this process prints one for all. */
async function run (name: string, program: string): Promise<void> {
  const child = spawn(process.execPath, [`${directory}${name}.ts`], {
    stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LETTA_OTEL_COLLECTOR: program }, timeout: TIMEOUT_MS
  })
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
  const lines = output.split('\n').filter(line => line !== '')
  const fail = lines.filter(line => line.startsWith('not ok ')).length
  counts.pass += lines.filter(line => line.startsWith('ok ')).length
  // A process that dies has no time to say what is wrong.
  counts.fail += status === 0 ? fail : Math.max(fail, 1)
  console.log(`\n# ${name}.ts ${status === 0 ? '' : `ended with ${status}`}`)
  for (const line of lines) if (!line.startsWith('# {')) console.log(line)
}
