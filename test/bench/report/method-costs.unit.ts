import t from 'tap'
import type { Results } from '../measure/measurement.ts'
import { methodCostSpread, methodCostTable, missingMethodSpans } from './method-costs.ts'
import { targetTable } from './targets.ts'

const costs = [3, 5, 2].map((recorded, index) => ({ case: 'fast', recorded, unrecorded: recorded / 10, missing: index - 1 }))

t.test('what a traced call costs', t => {
  t.equal(methodCostSpread(costs, 'recorded')?.median, 3)
  t.equal(methodCostSpread(costs, 'unrecorded')?.median, 0.3)
  t.equal(methodCostSpread([], 'recorded'), undefined)
  t.match(methodCostTable(costs), '| letta-otel, engine `fast` | 3.00 (2.50–4.00; 2.00–5.00) | 0.30 (0.25–0.40; 0.20–0.50) |')
  t.equal(missingMethodSpans(costs), 2)
  t.end()
})

t.test('its targets are reached or missed by the numbers', t => {
  const report = (methodCosts: Results['methodCosts']): string =>
    targetTable({ rounds: 1, seconds: 1, processorsAwake: true, pairings: [], starts: [], spanCosts: [], failures: [], methodCosts: methodCosts ?? [] })
  t.match(report(costs), /a method of `traceMethod`, recorded.* \| 3\.00 \(2\.50–4\.00; 2\.00–5\.00\) µs \| reached \|/)
  t.match(report([{ case: 'fast', recorded: 4.1, unrecorded: 0.31, missing: 0 }]), /not sampled.* \| 0\.31 µs \| \*\*missed\*\* \|/)
  t.match(report([]), /recorded.* \| – \| not measured \|/)
  t.end()
})
