import fc from 'fast-check'
import t from 'tap'
import { isoOf, timeOf } from '../../../lib/store/queries/time.ts'

const NOW = Date.UTC(2026, 0, 31, 12)
const MILLISECOND = 1_000_000n

t.test('times as people give them', async t => {
  const times: Array<[unknown, string | undefined]> = [
    ['now', '2026-01-31T12:00:00.000000000Z'],
    ['-90s', '2026-01-31T11:58:30.000000000Z'],
    ['-15m', '2026-01-31T11:45:00.000000000Z'],
    ['-24h', '2026-01-30T12:00:00.000000000Z'],
    ['-7d', '2026-01-24T12:00:00.000000000Z'],
    ['2026-01-02', '2026-01-02T00:00:00.000000000Z'],
    ['2026-01-02T03:04Z', '2026-01-02T03:04:00.000000000Z'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456789Z'],
    ['2026-01-02T03:04:05.5+02:00', '2026-01-02T01:04:05.500000000Z'],
    [new Date(NOW), '2026-01-31T12:00:00.000000000Z'],
    // A time without its zone would mean another on each machine.
    ['2026-01-02T03:04:05', undefined],
    ['2026-02-31T00:00Z', undefined],
    ['1969-12-31', undefined],
    ['2300-01-01', undefined],
    ['-999999999d', undefined],
    ['7d', undefined], ['-7w', undefined], ['', undefined], ['yesterday', undefined],
    [new Date(NaN), undefined], [NOW, undefined], [null, undefined]
  ]
  for (const [given, expected] of times) {
    const time = timeOf(given, NOW)
    t.equal(time === undefined ? undefined : isoOf(time), expected, String(given))
  }
})

t.test('what is written is read as the same time', async t => {
  fc.assert(fc.property(fc.bigInt(0n, 2n ** 63n - 1n), nanoseconds => timeOf(isoOf(nanoseconds), NOW) === nanoseconds))
  fc.assert(fc.property(fc.date({ min: new Date(0), max: new Date('2262-01-01'), noInvalidDate: true }), date => {
    return timeOf(date, NOW) === BigInt(date.getTime()) * MILLISECOND
  }))
  t.pass()
})

t.test('no text is more than a time or nothing', async t => {
  fc.assert(fc.property(fc.string(), text => {
    const time = timeOf(text, NOW)
    return time === undefined || (time >= 0n && time < 2n ** 63n)
  }))
  t.pass()
})
