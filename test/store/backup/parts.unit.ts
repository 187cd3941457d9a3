import t from 'tap'
import { SeenParts, type Part } from '../../../lib/store/backup/parts.ts'

const part = (first: number, last: number, given: Partial<Part> = {}): Part =>
  ({ table: 'a', shard: '1', partition: '20261121', first, last, rows: 10, hash: `${first}-${last}`, isActive: true, ...given })

t.test('a copy is of parts that were seen, and of all that were there at first', async t => {
  const first = [part(1, 1), part(2, 2)]
  const merged = part(1, 2)
  const after = [merged, part(3, 3), part(1, 1, { isActive: false }), part(2, 2, { isActive: false })]
  const seen = new SeenParts(first, [...first, ...after], after)
  t.equal(seen.hasMoved('a'), true)
  t.equal(seen.areIn('a', first), true, 'before the merge')
  t.equal(seen.areIn('a', [merged]), true, 'after it')
  t.equal(seen.areIn('a', [merged, part(3, 3)]), true, 'with what was written meanwhile')
  t.equal(seen.areIn('a', [part(1, 1)]), false, 'a part less')
  t.equal(seen.areIn('a', []), false)
  t.equal(seen.areIn('a', [part(1, 1), part(2, 2, { hash: 'other' })]), false, 'another one under its name')
  t.equal(seen.areIn('a', [merged, part(4, 4)]), false, 'one that never was')
  t.equal(seen.areIn('a', [part(1, 2, { shard: '2' })]), false, 'one of another shard')
})

t.test('a table that stays, and one whose rows were over', async t => {
  const still = new SeenParts([part(1, 1)], [part(1, 1)], [part(1, 1), part(0, 0, { isActive: false })])
  t.equal(still.hasMoved('a'), false)
  const empty = part(1, 1, { rows: 0, hash: 'empty' })
  const over = new SeenParts([part(1, 1), part(2, 2)], [part(1, 1), part(2, 2), empty], [empty, part(2, 2)])
  t.equal(over.hasMoved('a'), true)
  t.equal(over.areIn('a', [part(2, 2)]), true)
})
