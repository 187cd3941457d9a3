import fc from 'fast-check'
import t from 'tap'
import * as numbers from '../../../../lib/dashboard/web/format/numbers.ts'

const { formatBytes, formatCount, formatDollars, formatDuration, formatExact, formatNumber, formatRatio, formatUnit } = numbers

t.test('the unit that fits', async t => {
  const shown: Array<[string, string]> = [
    [formatDuration(0), '0 ms'], [formatDuration(0.00025), '250 ns'], [formatDuration(0.25), '250 µs'], [formatDuration(12.345), '12.3 ms'],
    [formatDuration(999.6), '1 s'], [formatDuration(59_999), '1 min'], [formatDuration(90_000), '1.5 min'], [formatDuration(5_400_000), '1.5 h'], [formatDuration(-5), '-5 ms'],
    [formatBytes(0), '0 B'], [formatBytes(1_500), '1.5 kB'], [formatBytes(999_999), '1 MB'],
    [formatCount(0), '0'], [formatCount(999), '999'], [formatCount(1_234), '1.23k'], [formatCount(5_000_000), '5M'], [formatCount(0.5), '0.5'],
    [formatExact(1_234_567), '1,234,567'], [formatNumber(1_234.5), '1230'],
    [formatRatio(0), '0 %'], [formatRatio(1), '100 %'], [formatRatio(0.9996), '99.96 %'], [formatRatio(0.99999), '99.999 %'], [formatRatio(0.0561), '5.61 %'],
    [formatDollars(0.0123), '$0.0123'], [formatDollars(-1_234), '-$1.23k'],
    [formatUnit(1.5, 's'), '1.5 s'], [formatUnit(1.5, 'ms'), '1.5 ms'], [formatUnit(1_500, 'By'), '1.5 kB'], [formatUnit(2, '{job}'), '2'], [formatUnit(0.5, 'usd'), '$0.5'],
    [formatUnit(1_500, 'us'), '1.5 ms'], [formatUnit(1_500_000, 'ns'), '1.5 ms'], [formatUnit(undefined, 's'), '–']
  ]
  for (const [text, expected] of shown) t.equal(text, expected)
  for (const value of [null, undefined, NaN, Infinity]) t.strictSame([formatDuration(value), formatCount(value), formatRatio(value)], ['–', '–', '–'])
})

t.test('never more than three digits that count, and never a wrong size', async t => {
  fc.assert(fc.property(fc.double({ min: 1e-5, max: 1e10, noNaN: true }), value => {
    const [, digits, unit] = /^([\d.]+) (\S+)$/.exec(formatDuration(value))!
    const size = { ns: 1e-6, µs: 1e-3, ms: 1, s: 1e3, min: 6e4, h: 3.6e6, d: 8.64e7 }[unit!]!
    const short = digits!.replace('.', '').replace(/^0+/, '').length <= 3 || (/^\d+$/.test(digits!) && Number(digits) >= 1_000 && unit === 'd')
    return short && Math.abs(Number(digits) * size - value) <= value * 0.005
  }))
  t.pass()
})

t.test('a part of all never reads as all', async t => {
  fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), value => formatRatio(value) !== '100 %'))
  t.pass()
})
