/**
 * `npm run test:faults`: processes of an application against collectors that fail, counted at the collector.
 * `npm run test:faults -- hanging slow` runs some of the scenarios, `-- --programs 1000000` more random span programs.
 */
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CheckPrograms } from '../fixtures/check-programs.ts'
import { OBSERVED, type Observation } from './harness/scenario.ts'

/** These measure time: nothing else may run then. */
const ALONE = ['absent', 'terminated', 'terminated-in-outage']
/** They mostly wait; the rest of two processors is for the random programs. */
const AT_ONCE = 3
const PROGRAMS = '200000'
const PARTS = 2
/** Of one scenario, and of so many programs. */
const TIMEOUT_MS = 7 * 60_000
const PROGRAMS_IN_TIME = 100_000

interface Job {
  readonly name: string
  readonly args: readonly string[]
  readonly timeout: number
}

const { values, positionals } = parseArgs({ options: { programs: { type: 'string', default: PROGRAMS } }, allowPositionals: true })
const directory = fileURLToPath(new URL('.', import.meta.url))
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
const scenarios = globSync('scenarios/*.ts', { cwd: directory }).sort()
  .map((path): Job => ({ name: basename(path, '.ts'), args: [directory + path], timeout: TIMEOUT_MS }))
const programs = Array.from({ length: PARTS }, (_, part): Job => {
  const count = Math.ceil(Number(values.programs) / PARTS)
  return { name: 'programs', args: [`${directory}programs.ts`, String(count), String(1 + part * count)], timeout: TIMEOUT_MS * Math.max(1, count / PROGRAMS_IN_TIME) }
})

const checks = new CheckPrograms()
const rows = new Map<string, Observation & { readonly name: string }>()

const start = performance.now()
for (const job of scenarios.filter(({ name }) => ALONE.includes(name) && wanted(name))) await run(job)
const queue = [...programs, ...scenarios.filter(({ name }) => !ALONE.includes(name))].filter(({ name }) => wanted(name))
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) await run(job)
}))

console.log(`\n${table()}\n\n${((performance.now() - start) / 60_000).toFixed(1)} minutes`)
checks.sumUp()

async function run ({ name, args, timeout }: Job): Promise<void> {
  for (const line of await checks.run(name, args, { timeout })) {
    if (line.startsWith(OBSERVED)) rows.set(name, JSON.parse(line.slice(OBSERVED.length)) as Observation & { name: string })
    else if (!line.startsWith('# ')) console.log(line)
  }
}

function table (): string {
  const head = ['what the collector does, or who fails', 'answered', 'acknowledged', 'twice', 'counted as dropped', '']
  const cells = [...rows].sort(([a], [b]) => a < b ? -1 : 1).map(([, { name, answered, acknowledged, twice, dropped, note = '' }]) =>
    [name, ...[answered, acknowledged, twice, dropped].map(count => count.toLocaleString('en')), note])
  return [head, head.map(() => '---'), ...cells].map(row => `| ${row.join(' | ')} |`).join('\n')
}
