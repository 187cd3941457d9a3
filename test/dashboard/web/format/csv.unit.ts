import t from 'tap'
import { csvOf } from '../../../../lib/dashboard/web/format/csv.ts'

t.test('rows as RFC 4180 has them', async t => {
  t.equal(csvOf(['a', 'b,c'], [{ a: 'x "y"', 'b,c': null }, { a: 1, 'b,c': ['z', 2] }, { a: 'line\nbreak' }]),
    'a,"b,c"\r\n"x ""y""",\r\n1,"[""z"",2]"\r\n"line\nbreak",\r\n')
})
