import t from 'tap'
import { bucketsOf, column } from '../../../../lib/dashboard/web/data/buckets.ts'

t.test('every time has a place, also one without a row', async t => {
  const { times, rows } = bucketsOf([{ time: '1970-01-01T00:00:10.000000000Z', requests: 3 }], 7_000, 31_000, 10)
  t.strictSame(times, [0, 10, 20, 30])
  t.strictSame(column(rows, 'requests', 0), [0, 3, 0, 0])
  t.strictSame(column(rows, 'requests', null), [null, 3, null, null])
})
