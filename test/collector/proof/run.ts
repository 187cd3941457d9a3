/**
 * `npm run test:collector`: the configurations, on a real collector. `npm run test:collector -- signoz` runs some of the proofs.
 * The collector is built where Go is installed, unless LETTA_OTEL_COLLECTOR names one.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDistribution } from '../../../lib/collector/build-distribution.ts'
import { CheckPrograms } from '../../fixtures/check-programs.ts'

const TIMEOUT_MS = 5 * 60_000

const wanted = process.argv.slice(2)
const directory = fileURLToPath(new URL('scenarios/', import.meta.url))
const programs = new CheckPrograms()

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
  programs.sumUp()
}

/** Where it is checked that everything works, a collector that is missing is a failure. */
async function findProgram (): Promise<string | undefined> {
  const named = process.env['LETTA_OTEL_COLLECTOR']
  if (named) return named
  const hasGo = spawnSync('go', ['version']).status === 0
  if (!hasGo && !process.env['CI']) return undefined
  return await buildDistribution('distribution', { env: process.env, homeDirectory: homedir(), onProgress: line => { console.log(`# ${line}`) } })
}

/** One at a time: some measure. */
async function run (name: string, program: string): Promise<void> {
  const lines = await programs.run(name, [`${directory}${name}.ts`], { env: { ...process.env, LETTA_OTEL_COLLECTOR: program }, timeout: TIMEOUT_MS })
  for (const line of lines) console.log(line)
}
