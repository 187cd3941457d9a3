import { ROOT_CONTEXT, createContextKey, trace, type Context } from '@opentelemetry/api'
import t from 'tap'
import { AmbientScope, ambientScopeOf } from '../../lib/ambient/context-attributes.ts'
import { LinkedContext } from '../../lib/ambient/linked-context.ts'
import { RequestContext } from '../../lib/ambient/request-context.ts'

const [A, B, C] = ['a', 'b', 'c'].map(createContextKey) as [symbol, symbol, symbol]

t.test('a value more, and those below', async t => {
  const below = ROOT_CONTEXT.setValue(A, 1)
  const first = new LinkedContext(below, B, 2)
  const second = first.setValue(A, 3)
  t.strictSame([A, B, C].map(key => first.getValue(key)), [1, 2, undefined])
  t.strictSame([A, B, C].map(key => second.getValue(key)), [3, 2, undefined])
  t.strictSame([A, B, C].map(key => second.deleteValue(A).getValue(key)), [undefined, 2, undefined])
  t.strictSame([A, B, C].map(key => below.getValue(key)), [1, undefined, undefined])
})

t.test('a value that is set again and again is kept once', async t => {
  let node: Context = new LinkedContext(ROOT_CONTEXT.setValue(C, 0), A, 1)
  for (let turn = 0; turn < 100_000; turn++) node = node.setValue(turn % 2 === 0 ? A : B, turn)
  const start = performance.now()
  for (let turn = 0; turn < 1_000; turn++) node.getValue(C)
  t.ok(performance.now() - start < 100, 'a chain of 100,000 would take seconds')
  t.strictSame([A, B, C].map(key => node.getValue(key)), [99_998, 99_999, 0])
})

t.test('the context of a request', async t => {
  const span = trace.wrapSpanContext({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 })
  const child = trace.wrapSpanContext({ ...span.spanContext(), spanId: '00f067aa0ba902b7' })
  const scope = new AmbientScope({}, {}, '/')
  const carrier = new RequestContext(ROOT_CONTEXT.setValue(A, 1), span, scope)
  t.equal(trace.getSpan(carrier), span)
  t.equal(ambientScopeOf(carrier), scope)
  t.equal(carrier.getValue(A), 1)
  const inner = trace.setSpan(carrier, child)
  t.equal(trace.getSpan(inner), child)
  t.equal(ambientScopeOf(inner), scope)
  t.equal(trace.getSpan(trace.deleteSpan(carrier)), undefined)
  t.equal(ambientScopeOf(trace.deleteSpan(carrier)), scope)
  t.equal(trace.getSpan(carrier), span, 'as it was')
})
