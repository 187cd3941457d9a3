/**
 * Whether the other packages' cases emit what they claim: `npm run bench:smoke`. For the cases that need no package of the
 * benchmark's own, cases.proof.ts does the same.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CASES } from '../cases.ts'
import { installPeers } from '../install.ts'
import { workloadNamed } from '../workloads/workloads.ts'
import { checkCase, type Check } from './check-case.ts'

const total = { pass: 0, fail: 0 }

function report (what: string, { name, ok, detail }: Check): void {
  total[ok ? 'pass' : 'fail']++
  console.log(`${ok ? 'ok' : 'not ok'} - ${what}: ${name}`)
  if (!ok) console.log(`  found ${JSON.stringify(detail.found)}\n  wanted ${JSON.stringify(detail.wanted)}`)
}

installPeers()
// These types need the packages, so the project's own check leaves them out.
const types = spawnSync('tsc', ['-p', fileURLToPath(new URL('..', import.meta.url))], { encoding: 'utf8', shell: process.platform === 'win32' })
report('the benchmark', { name: 'its types are right', ok: types.status === 0, detail: { found: types.stdout, wanted: '' } })

for (const benchCase of CASES.filter(({ name, ours }) => !ours && name !== 'bare')) {
  for (const workload of benchCase.workloads.map(workloadNamed)) {
    const what = `${benchCase.name} with ${workload.name}`
    const checks = await checkCase(benchCase, workload).catch((error: unknown) =>
      [{ name: 'it runs', ok: false, detail: { found: String(error), wanted: 'no error' } }])
    for (const check of checks) report(what, check)
  }
}
console.log(`# { total: ${total.pass + total.fail}, pass: ${total.pass}, fail: ${total.fail} }`)
process.exitCode = total.fail === 0 ? 0 : 1
