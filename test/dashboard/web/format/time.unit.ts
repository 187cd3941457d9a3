import t from 'tap'
import { formatAge, formatTime, formatWhole } from '../../../../lib/dashboard/web/format/time.ts'

t.test('times in the zone of who looks', async t => {
  const now = new Date(2026, 10, 21, 14, 3, 7, 45)
  t.equal(formatTime(now.toISOString(), now.getTime()), '14:03:07.045')
  t.equal(formatTime(new Date(2026, 10, 20, 1, 2, 3).toISOString(), now.getTime()), '20 Nov, 01:02:03.000')
  t.strictSame([formatTime(null), formatWhole(null)], ['–', '–'])
  t.match(formatWhole('2026-11-21T10:00:00.123456789Z'), '(2026-11-21T10:00:00.123456789Z)')
})

t.test('how long ago', async t => {
  t.strictSame([-5, 4_400, 60_000, 7_200_000, 200_000_000].map(formatAge), ['0 s ago', '4 s ago', '1 min ago', '2 h ago', '2 d ago'])
})
