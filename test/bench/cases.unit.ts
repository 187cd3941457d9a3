/** What is compared, and what it claims; cases.proof.ts holds ours to that, and `npm run bench:smoke` the others. */
import t from 'tap'
import { CASES } from './cases.ts'
import { CLAIMS } from './smoke/claims.ts'
import { WORKLOADS } from './workloads/workloads.ts'

t.test('every case has a claim, and workloads that there are', t => {
  t.same(Object.keys(CLAIMS).sort(), CASES.map(({ name }) => name).sort())
  for (const { name, workloads } of CASES) {
    for (const workload of workloads) t.ok(WORKLOADS.some(one => one.name === workload), `${name}: ${workload}`)
  }
  t.end()
})
