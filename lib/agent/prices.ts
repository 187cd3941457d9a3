import type { PriceTable } from '../options.ts'
import type { TokenUsage } from './usage.ts'

/** What one LLM call cost, and by which prices. */
export interface Cost {
  readonly usd: number
  readonly version: string
}

const MILLION = 1_000_000

/**
 * The cost of a call. A model that the table does not name is priced as the one it is a dated version of: providers answer
 * with `gpt-4o-2024-08-06` for `gpt-4o`.
 *
 * @param models names of the model, the most exact first
 * @returns nothing where no price is known
 */
export function costOf (prices: PriceTable | undefined, models: readonly string[], usage: TokenUsage): Cost | undefined {
  if (prices === undefined) return undefined
  const price = models.map(model => priceOf(prices, model)).find(found => found !== undefined)
  if (price === undefined) return undefined
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteInputTokens = 0 } = usage
  const cached = Math.min(cachedInputTokens, inputTokens)
  const written = Math.min(cacheWriteInputTokens, inputTokens - cached)
  const millionths = (inputTokens - cached - written) * price.input + cached * (price.cachedInput ?? price.input) +
    written * (price.cacheWrite ?? price.input) + outputTokens * price.output
  return { usd: millionths / MILLION, version: prices.version }
}

function priceOf ({ models }: PriceTable, model: string): PriceTable['models'][string] | undefined {
  if (Object.hasOwn(models, model)) return models[model]
  let best = ''
  for (const name of Object.keys(models)) if (name.length > best.length && isDated(model, name)) best = name
  return best === '' ? undefined : models[best]
}

/** `gpt-4o-mini` is another model than `gpt-4o`, which `gpt-4o-2024-08-06` and `gpt-4o@20240806` are not. */
function isDated (model: string, name: string): boolean {
  return model.startsWith(name) && /^[-@:](?:latest$|\d{4})/.test(model.slice(name.length))
}
