/** Values that take long to be made text, and cannot be cut short. */
import t from 'tap'
import { TimeBudget } from '../../lib/trace/time-budget.ts'
import { traceMethod } from '../../lib/trace/trace-method.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { recordSpans } from './recorded-spans.ts'

useEnvironment({})

/** Keeps the thread busy, as a slow `toJSON` does. */
function work (milliseconds: number): string {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
  return 'done'
}

t.test('a use that took long is followed by a rest', t => {
  const budget = new TimeBudget()
  t.equal(budget.isSpent, false)
  budget.spendSince(performance.now())
  t.equal(budget.isSpent, false)
  budget.spendSince(performance.now() - 3)
  t.equal(budget.isSpent, true)
  const { now } = performance
  t.teardown(() => { performance.now = now })
  performance.now = () => now.call(performance) + 2_000
  t.equal(budget.isSpent, true, 'two seconds are not a thousand times as long')
  performance.now = () => now.call(performance) + 3_600_000
  t.equal(budget.isSpent, false)
  t.end()
})

t.test('a slow toJSON, and an object with very many keys, are paid for once', async t => {
  const spans = recordSpans(t)
  let calls = 0
  const slow = { id: 'slow-1', toJSON () { calls++; return work(5) } }
  const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, n) => [`key${n}`, n]))
  const method = traceMethod((_slow: unknown, _many: unknown, _small: unknown) => {}, { parameters: ['slow', 'many', 'small'] })
  for (let call = 0; call < 50; call++) method(slow, many, { a: 1 })
  const [first, second, ...others] = await spans()
  t.match(first!.attributes, { 'parameter.slow': 'done', 'parameter.many': '<Object with 300000 items>', 'parameter.small': '{"a":1}' })
  for (const { attributes } of [second!, ...others]) {
    t.match(attributes, { 'parameter.slow': '<Object (excluded, id=slow-1)>', 'parameter.many': '<Object (excluded)>', 'parameter.small': '{"a":1}' })
  }
  t.equal(others.length, 48)
  t.equal(calls, 1)
  const start = performance.now()
  for (let call = 0; call < 1_000; call++) method(slow, many, { a: 1 })
  t.ok(performance.now() - start < 500, 'a thousand calls take less than the first twenty would have')
})
