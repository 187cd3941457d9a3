import fc from 'fast-check'
import t from 'tap'
import { bucketOf, draggedRange, edgesOf, isRelative, lengthSeconds, precisionOf, previousRange } from '../../../../lib/dashboard/web/state/time-range.ts'

const absolute = { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T12:00:00.000Z' }

t.test('ranges', async t => {
  t.equal(lengthSeconds({ from: '-7d', to: 'now' }), 604_800)
  t.equal(lengthSeconds(absolute), 7_200)
  t.ok(isRelative({ from: '-5m', to: 'now' }))
  t.notOk(isRelative(absolute))
  t.strictSame(previousRange({ from: '-15m', to: 'now' }), { from: '-1800s', to: '-900s' })
  t.strictSame(previousRange(absolute), { from: '2026-11-21T08:00:00.000Z', to: absolute.from })
  t.strictSame(edgesOf({ from: '-1h', to: 'now' }, 10_000_000), [6_400_000, 10_000_000])
  t.strictSame(edgesOf(absolute), [Date.parse(absolute.from), Date.parse(absolute.to)])
  t.strictSame([precisionOf({ from: '-1h', to: 'now' }), precisionOf(absolute)], ['spans', 'minutes'])
  t.equal(draggedRange(0, 500), undefined)
  t.strictSame(draggedRange(0, 5_000), { from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:00:05.000Z' })
})

t.test('there are never more buckets than a chart can show, and of minutes none that is shorter', async t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 90 * 86_400 }), seconds => {
    const range = { from: `-${seconds}s`, to: 'now' }
    const bucket = bucketOf(range)
    return seconds / bucket <= 90 && (precisionOf(range) === 'spans' || bucket % 60 === 0)
  }))
  t.pass()
})
