import fc from 'fast-check'
import t from 'tap'
import { criticalPath } from '../../../../lib/dashboard/web/trace/critical-path.ts'
import { traceTree, type SpanRow } from '../../../../lib/dashboard/web/trace/tree.ts'
import { row, someTrace } from '../../spans.ts'

const pathOf = (spans: readonly SpanRow[]) => criticalPath(traceTree(spans).roots[0]!).map(({ node, from, to }) => [node.span.span_id, from, to])

t.test('what the end waited for', async t => {
  t.strictSame(pathOf([row('a', '', 0, 100), row('b', 'a', 10, 40), row('c', 'a', 60, 30)]),
    [['a', 0, 10], ['b', 10, 50], ['a', 50, 60], ['c', 60, 90], ['a', 90, 100]], 'one after the other')
  t.strictSame(pathOf([row('a', '', 0, 100), row('b', 'a', 10, 40), row('c', 'a', 10, 80)]),
    [['a', 0, 10], ['c', 10, 90], ['a', 90, 100]], 'of two at once, the one that ended last')
  t.strictSame(pathOf([row('a', '', 0, 100), row('b', 'a', 10, 200)]), [['a', 0, 10], ['b', 10, 100]], 'work that goes on behind its parent counts to its end')
  t.strictSame(pathOf([row('a', '', 10, 50), row('b', 'a', 5, 20)]), [['b', 5, 20], ['a', 20, 55]], 'a child whose clock is early')
  t.strictSame(pathOf([row('a', '', 0, 0)]), [], 'nothing took no time')
})

t.test('a trace as deep as it has spans', async t => {
  const deep = Array.from({ length: 5_000 }, (_, index) => row(String(index), index === 0 ? '' : String(index - 1), index, 10_000 - 2 * index))
  const path = criticalPath(traceTree(deep).roots[0]!)
  t.equal(path.length, 9_999)
})

t.test('segments cover the whole span without a gap or an overlap', async t => {
  fc.assert(fc.property(someTrace, spans => traceTree(spans).roots.every(root => {
    const path = criticalPath(root)
    if (root.end === root.start) return path.length === 0
    return path[0]!.from === root.start && path.at(-1)!.to === root.end &&
      path.every(({ node, from, to }, index) => from < to && from >= node.start && to <= node.end && (index === 0 || path[index - 1]!.to === from))
  })))
  t.pass()
})
