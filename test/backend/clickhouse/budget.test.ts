import t from 'tap'
import { Budget } from '../../../lib/backend/clickhouse/budget.ts'

t.test('what finds no room is told whether there will be some', async t => {
  const budget = new Budget(100, 'answers')
  budget.take(60)
  t.throws(() => { budget.take(50) }, { code: 202, message: /answers take 100 bytes already/ })
  t.throws(() => { budget.take(101) }, { code: 396, message: /101 bytes are more than answers may take: 100/ })
  budget.give(60)
  t.throws(() => { budget.take(101) }, { code: 396 })
  t.doesNotThrow(() => { budget.take(100) })
})
