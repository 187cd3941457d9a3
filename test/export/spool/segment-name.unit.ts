import t from 'tap'
import { heldBy, openSegment, ownerFile, parseOwnerFile, parseSegmentFile, sealed, segmentFile } from '../../../lib/export/spool/segment-name.ts'

const ONE = '12_ab_cd_01'
const TWO = '7_0_cd_02'

t.test('every state of a segment is read from its name as it was written', async t => {
  const open = openSegment(1_700_000_000_000, 3, ONE)
  t.equal(segmentFile(open), '001700000000000-00000003-12_ab_cd_01.open')
  t.equal(segmentFile(sealed(open)), '001700000000000-00000003-12_ab_cd_01.sealed')
  t.equal(segmentFile(heldBy(open, TWO)), '001700000000000-00000003-12_ab_cd_01.held-7_0_cd_02')
  for (const segment of [open, sealed(open), heldBy(open, TWO)]) t.strictSame(parseSegmentFile(segmentFile(segment)), segment)
})

t.test('names sort as text in the order segments were made', async t => {
  const names = [[9, 0], [10, 1], [10, 2], [10, 10], [1_700_000_000_000, 11], [10_000_000_000_000, 12]].map(([time = 0, n = 0]) => openSegment(time, n, ONE).stem)
  t.strictSame([...names].sort(), names)
})

t.test('a time that no clock has is the last of those that one may have, and the name stays', async t => {
  const file = '999999999999999-00000000-12_ab_cd_01.sealed'
  const segment = parseSegmentFile(file)!
  t.equal(segment.time, Date.UTC(9999, 11, 31, 23, 59, 59, 999))
  t.equal(segmentFile(segment), file)
})

t.test('other files are nobody’s segment, other names nobody’s owner file', async t => {
  for (const file of ['', 'x', `${ONE}.owner`, '1-2-12_ab_cd_01.open', '001700000000000-00000003-12_ab_cd_01.held', '001700000000000-00000003-12_ab_cd_01.open.bak']) {
    t.equal(parseSegmentFile(file), undefined, file)
  }
  t.equal(parseOwnerFile(ownerFile(ONE)), ONE)
  t.equal(parseOwnerFile('x.owner'), undefined)
})
