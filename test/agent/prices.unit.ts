import fc from 'fast-check'
import t from 'tap'
import { costOf } from '../../lib/agent/prices.ts'
import { NO_USAGE } from '../../lib/agent/usage.ts'

const PRICES = { version: 'v1', models: { 'gpt-4o': { input: 2.5, output: 10, cachedInput: 1.25 }, 'gpt-4o-mini': { input: 0.15, output: 0.6 }, claude: { input: 3, output: 15 } } }
const USAGE = { inputTokens: 1_000_000, outputTokens: 100_000, cachedInputTokens: 400_000, reasoningTokens: 9 }

t.test('input, output and what came from the cache, each at its price, and the version', async t => {
  t.strictSame(costOf(PRICES, ['gpt-4o'], USAGE), { usd: 0.6 * 2.5 + 0.4 * 1.25 + 0.1 * 10, version: 'v1' })
  t.strictSame(costOf(PRICES, ['gpt-4o-mini'], USAGE), { usd: 0.15 + 0.06, version: 'v1' }, 'without a price of its own, the cache costs what input does')
})

t.test('what was written to the cache', async t => {
  const models = { own: { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 }, plain: { input: 3, output: 15 } }
  const usage = { ...USAGE, outputTokens: 0, cacheWriteInputTokens: 200_000 }
  t.equal(costOf({ version: 'v', models }, ['own'], usage)?.usd.toFixed(6), (0.4 * 3 + 0.4 * 0.3 + 0.2 * 3.75).toFixed(6))
  t.equal(costOf({ version: 'v', models }, ['plain'], usage)?.usd, 3, 'costs what input does')
  t.equal(costOf({ version: 'v', models }, ['own'], { ...usage, cacheWriteInputTokens: 9_000_000 })?.usd.toFixed(6), (0.4 * 0.3 + 0.6 * 3.75).toFixed(6), 'never more than there was')
})

t.test('which price', async t => {
  const input = (...models: string[]): number | undefined => costOf(PRICES, models, { ...NO_USAGE, inputTokens: 1_000_000 })?.usd
  t.equal(input('gpt-4o-2024-08-06'), 2.5, 'a dated version')
  t.equal(input('gpt-4o-mini-2024-07-18'), 0.15)
  t.equal(input('claude-latest'), 3)
  t.equal(input('gpt-4o-audio-preview'), undefined, 'another model')
  t.equal(input('unknown', 'gpt-4o'), 2.5, 'the first that is known')
  t.equal(input('constructor'), undefined)
  t.equal(input(''), undefined)
  t.equal(costOf(undefined, ['gpt-4o'], USAGE), undefined)
})

t.test('never negative, whatever a provider says', async () => {
  const count = fc.nat()
  fc.assert(fc.property(count, count, count, (inputTokens, outputTokens, cachedInputTokens) => {
    const cost = costOf(PRICES, ['gpt-4o'], { inputTokens, outputTokens, cachedInputTokens, reasoningTokens: 0 })
    return cost !== undefined && cost.usd >= 0
  }))
})
