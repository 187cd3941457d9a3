import t from 'tap'
import { readRow } from '../../../lib/store/queries/columns.ts'

t.test('values come as their kinds say', async t => {
  const columns = {
    name: 'text', calls: 'count', share: 'ratio', lost: 'milliseconds', started: 'time', ended: 'time', attributes: 'attributes', events: 'events', failed: 'flag'
  } as const
  const raw = {
    name: 'a',
    calls: '12',
    share: 0.5,
    lost: null,
    started: '1700000000123456789',
    ended: null,
    attributes: { a: 'b' },
    events: [['1', 'exception', { type: 'x' }]],
    failed: 1,
    unasked: 'left out'
  }
  t.strictSame(readRow(columns, raw), {
    name: 'a',
    calls: 12,
    share: 0.5,
    lost: null,
    started: '2023-11-14T22:13:20.123456789Z',
    ended: null,
    attributes: { a: 'b' },
    events: [{ time: '1970-01-01T00:00:00.000000001Z', name: 'exception', attributes: { type: 'x' } }],
    failed: true
  })
})
