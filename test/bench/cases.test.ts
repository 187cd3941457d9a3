/** Our cases emit what they claim; `npm run bench:smoke` does the same for the others, whose packages are not installed here. */
import t from 'tap'
import { CASES } from './cases.ts'
import { checkCase } from './smoke/check-case.ts'
import { CLAIMS } from './smoke/claims.ts'
import { WORKLOADS, workloadNamed } from './workloads/workloads.ts'

t.test('every case has a claim, and workloads that there are', t => {
  t.same(Object.keys(CLAIMS).sort(), CASES.map(({ name }) => name).sort())
  for (const { name, workloads } of CASES) {
    for (const workload of workloads) t.ok(WORKLOADS.some(one => one.name === workload), `${name}: ${workload}`)
  }
  t.end()
})

for (const benchCase of CASES.filter(({ name, ours }) => ours || name === 'bare')) {
  t.test(`${benchCase.name} emits what it claims`, async t => {
    for (const workload of benchCase.workloads.map(workloadNamed)) {
      for (const { name, ok, detail } of await checkCase(benchCase, workload)) t.ok(ok, `${workload.name}: ${name}`, detail)
    }
  })
}
