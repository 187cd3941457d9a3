import fc from 'fast-check'
import t from 'tap'
import { selfTime } from '../../../../lib/dashboard/web/trace/self-time.ts'
import { traceTree, type SpanRow } from '../../../../lib/dashboard/web/trace/tree.ts'
import { row, someTrace } from '../../spans.ts'

const ofRoot = (...spans: SpanRow[]): number => selfTime(traceTree(spans).roots[0]!)

t.test('time in which no child ran', async t => {
  t.equal(ofRoot(row('a', '', 0, 100)), 100)
  t.equal(ofRoot(row('a', '', 0, 100), row('b', 'a', 10, 40), row('c', 'a', 60, 30)), 30)
  t.equal(ofRoot(row('a', '', 0, 100), row('b', 'a', 10, 40), row('c', 'a', 20, 40)), 50, 'two at once count once')
  t.equal(ofRoot(row('a', '', 0, 100), row('b', 'a', 50, 500)), 50, 'only within the parent')
  t.equal(ofRoot(row('a', '', 0, 100), row('b', 'a', 200, 10)), 100, 'behind the parent')
})

t.test('it is what counting milliseconds finds', async t => {
  fc.assert(fc.property(someTrace, spans => traceTree(spans).roots.every(root => {
    let own = 0
    for (let at = root.start; at < root.end; at++) if (!root.children.some(({ start, end }) => start <= at && at < end)) own++
    return selfTime(root) === own
  })))
  t.pass()
})
