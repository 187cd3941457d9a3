import fc from 'fast-check'
import t from 'tap'
import { formatValue, isNumeric } from '../../lib/cli/format-value.ts'
import type { ColumnKind } from '../../lib/store/queries/columns.ts'

t.test('values for people', async t => {
  const values: Array<[ColumnKind, unknown, string]> = [
    ['count', 1_234_567, '1,234,567'], ['count', 0, '0'],
    ['number', 0.123456, '0.123'], ['number', null, '-'],
    ['milliseconds', 0, '0 ns'], ['milliseconds', 0.0005, '500 ns'], ['milliseconds', 0.25, '250 µs'], ['milliseconds', 12.345, '12.3 ms'],
    ['milliseconds', 1_000, '1 s'], ['milliseconds', 90_000, '1.5 min'], ['milliseconds', 5_400_000, '1.5 h'], ['milliseconds', 172_800_000, '2 d'],
    ['bytes', 0, '0 B'], ['bytes', 999, '999 B'], ['bytes', 1_500, '1.5 kB'], ['bytes', 1.125e9, '1.13 GB'], ['bytes', 3e12, '3 TB'],
    ['ratio', 0.99951, '100 %'], ['ratio', 0.1, '10 %'], ['ratio', -99, '-9900 %'],
    ['dollars', 0.0123456, '$0.0123'],
    ['time', '2026-01-31T23:59:59.123456789Z', '2026-01-31 23:59:59.123Z'], ['time', null, '-'],
    ['flag', true, 'yes'], ['flag', false, 'no'],
    ['text', 'a', 'a'], ['text', '', '-'], ['text', 'x'.repeat(61), `${'x'.repeat(59)}…`],
    ['attributes', { a: '1', b: '2' }, 'a=1 b=2'],
    ['events', [{ name: 'exception' }, { name: 'retry' }], 'exception retry'], ['events', [], '-']
  ]
  for (const [kind, value, text] of values) t.equal(formatValue(kind, value), text, `${kind} ${String(value)}`)
})

t.test('no text of a row reaches the terminal as a command', async t => {
  t.equal(formatValue('text', 'a\u001B[2Jb\r\nc\u202Ed\u009Be'), 'a [2Jb c d e')
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => !/[\p{Cc}\p{Cf}]/u.test(formatValue('text', text)) && formatValue('text', text).length <= 60))
  t.pass()
})

t.test('numbers stand at the right', async t => {
  t.strictSame((['count', 'number', 'milliseconds', 'bytes', 'ratio', 'dollars', 'text', 'time', 'flag', 'attributes', 'events'] as const).filter(isNumeric),
    ['count', 'number', 'milliseconds', 'bytes', 'ratio', 'dollars'])
})
