/**
 * The benchmark: `npm run bench`. A full run takes about 20 minutes and writes `docs/benchmark.md`; with arguments it runs
 * a part, and prints.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CASES, caseNamed } from './cases.ts'
import { canPin, keepProcessorsAwake, LOAD_CORE, pinThisProcess } from './cores.ts'
import { installPeers } from './install.ts'
import { runRounds, type Plan } from './measure/rounds.ts'
import { writeReport } from './report/report.ts'
import { WORKLOADS, workloadNamed } from './workloads/workloads.ts'

const USAGE = `npm run bench -- [options]
  --rounds N       how many pairs of bursts, one of bare Fastify and one of the case (10)
  --seconds N      length of a burst (1)
  --case NAME      only this case; again for another one
  --workload NAME  only this workload; again for another one
  --quick          one pair each
  --write          write docs/benchmark.md after a part, too`

const FULL_ROUNDS = 10
const REPORT = fileURLToPath(new URL('../../docs/benchmark.md', import.meta.url))

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    case: { type: 'string', multiple: true },
    workload: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})
if (values.help) console.log(USAGE)
else await bench()

async function bench (): Promise<void> {
  const rounds = positive('rounds', values.rounds, values.quick ? 1 : FULL_ROUNDS)
  const seconds = positive('seconds', values.seconds, 1)
  const chosen = plan()
  installPeers()
  useOwnTemporaryDirectory()
  // Leaving this way ends the servers, too.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  pinThisProcess(LOAD_CORE)
  if (!canPin) console.error('no two cores, or no taskset: server and load share what there is')
  const processorsAwake = keepProcessorsAwake()
  const results = await runRounds(chosen, { rounds, seconds, processorsAwake, onProgress: line => { console.error(line) } })
  if (results.failures.length > 0) process.exitCode = 1
  const report = writeReport(results)
  const isFull = values.case === undefined && values.workload === undefined && rounds >= FULL_ROUNDS
  if (isFull || values.write) writeFileSync(REPORT, report)
  else console.log(report)
}

/** Nothing is left of a run that is ended early. */
function useOwnTemporaryDirectory (): void {
  const directory = mkdtempSync(join(tmpdir(), 'letta-otel-bench-'))
  process.env['TMPDIR'] = directory
  process.on('exit', () => { rmSync(directory, { recursive: true, force: true, maxRetries: 3 }) })
}

/**
 * A case that was asked for is measured with every workload that was asked for, also where a full run leaves it out. Bare
 * Fastify is measured with each case; against itself, which tells how far a ratio can be trusted, with GET only.
 */
function plan (): Plan {
  const workloads = values.workload?.map(workloadNamed) ?? WORKLOADS
  const cases = values.case?.map(caseNamed)
  return workloads.map(workload => ({
    workload,
    cases: CASES.filter(one => cases?.includes(one) ?? (one.name === 'bare' ? workload.name === 'get' : one.workloads.includes(workload.name)))
  }))
}

function positive (name: string, text: string | undefined, usual: number): number {
  const number = text === undefined ? usual : Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} ${text}: use a whole number from 1\n${USAGE}`)
  return number
}
