/** Our cases emit what they claim; `npm run bench:smoke` does the same for the others, whose packages are not installed here. */
import t from 'tap'
import { CASES } from './cases.ts'
import { checkCase } from './smoke/check-case.ts'
import { workloadNamed } from './workloads/workloads.ts'

for (const benchCase of CASES.filter(({ name, ours }) => ours || name === 'bare')) {
  t.test(`${benchCase.name} emits what it claims`, async t => {
    for (const workload of benchCase.workloads.map(workloadNamed)) {
      for (const { name, ok, detail } of await checkCase(benchCase, workload)) t.ok(ok, `${workload.name}: ${name}`, detail)
    }
  })
}
