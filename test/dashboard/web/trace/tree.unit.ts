import fc from 'fast-check'
import t from 'tap'
import { millisecondsBetween, spanKeys, traceTree, visibleNodes } from '../../../../lib/dashboard/web/trace/tree.ts'
import { row, someTrace } from '../../spans.ts'

t.test('times are exact to the nanosecond', async t => {
  t.equal(millisecondsBetween('2026-11-21T10:00:00.999999999Z', '2026-11-21T10:00:01.000000001Z'), 0.000002)
  t.equal(millisecondsBetween('2026-11-21T10:00:01Z', '2026-11-21T10:00:00.5Z'), -500)
})

t.test('children stand below their parents in the order of their start', async t => {
  const tree = traceTree([row('c', 'a', 50, 10), row('a', '', 0, 100), row('b', 'a', 10, 20), row('d', 'b', 12, 3)])
  t.strictSame(visibleNodes(tree, new Set()).map(({ span, depth }) => [span.span_id, depth]), [['a', 0], ['b', 1], ['d', 2], ['c', 1]])
  t.strictSame(visibleNodes(tree, new Set(['b'])).map(({ span }) => span.span_id), ['a', 'b', 'c'])
  t.equal(tree.duration, 100)
  t.equal(tree.roots[0]!.orphan, false)
})

t.test('a parent that is not there, itself or in a ring leaves no span out', async t => {
  const tree = traceTree([row('a', 'gone', 0, 10), row('b', 'b', 1, 1), row('c', 'd', 2, 1), row('d', 'c', 3, 1), row('e', 'c', 4, 1)])
  t.strictSame(tree.roots.map(({ span, orphan }) => [span.span_id, orphan]), [['a', true], ['b', true], ['c', true]])
  t.equal(visibleNodes(tree, new Set()).length, 5)
  t.equal(traceTree([]).duration, 0)
})

t.test('whatever spans say of their parents, each is shown once', async t => {
  fc.assert(fc.property(someTrace, spans => {
    const shown = visibleNodes(traceTree(spans), new Set()).map(({ span }) => span)
    return shown.length === spans.length && new Set(shown).size === spans.length
  }))
  t.pass()
})

t.test('spans with the same id are told apart, and the first is what its id names', async t => {
  fc.assert(fc.property(someTrace, spans => {
    const twice = [...spans, ...spans.map(span => ({ ...span }))]
    const keys = spanKeys(twice)
    return new Set(keys.values()).size === twice.length && spans.every(({ span_id: id }) => keys.get(twice.find(span => span.span_id === id)!) === id)
  }))
  t.pass()
})
