import fc from 'fast-check'
import t from 'tap'
import { readAnswer, readChunk } from '../../lib/agent/provider-answer.ts'
import { readUsage, updateUsage } from '../../lib/agent/usage.ts'

t.test('usage of each shape', async t => {
  t.strictSame(readUsage({ prompt_tokens: 5, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 1 } }),
    { inputTokens: 5, outputTokens: 3, cachedInputTokens: 2, reasoningTokens: 1 })
  t.strictSame(readUsage({ input_tokens: 5, output_tokens: 3, input_tokens_details: { cached_tokens: 2 } }), { inputTokens: 5, outputTokens: 3, cachedInputTokens: 2 })
  t.strictSame(readUsage({ input_tokens: 5, cache_read_input_tokens: 20, cache_creation_input_tokens: 10, output_tokens: 3 }),
    { inputTokens: 35, outputTokens: 3, cachedInputTokens: 20, cacheWriteInputTokens: 10 })
  t.strictSame(readUsage({ output_tokens: 3 }), { outputTokens: 3 })
  for (const none of [null, undefined, 7, 'x', {}, { input_tokens: -1 }, { input_tokens: 1.5 }, { input_tokens: '5' }]) t.equal(readUsage(none), undefined)
})

t.test('what is known later wins', async t => {
  t.strictSame(updateUsage({ inputTokens: 5, outputTokens: 1, cachedInputTokens: 0, reasoningTokens: 0 }, { outputTokens: 9, reasoningTokens: NaN }),
    { inputTokens: 5, outputTokens: 9, cachedInputTokens: 0, reasoningTokens: 0 })
})

t.test('caches that only the first part of an answer tells of', async t => {
  const first = updateUsage(undefined, readUsage({ input_tokens: 10, cache_read_input_tokens: 1_000, cache_creation_input_tokens: 100, output_tokens: 1 })!)
  const whole = { inputTokens: 1_110, outputTokens: 5, cachedInputTokens: 1_000, cacheWriteInputTokens: 100, reasoningTokens: 0 }
  for (const last of [
    { input_tokens: 10, cache_read_input_tokens: null, cache_creation_input_tokens: null, output_tokens: 5 },
    { input_tokens: 10, cache_read_input_tokens: null, cache_creation_input_tokens: 100, output_tokens: 5 },
    { input_tokens: 10, cache_read_input_tokens: 1_000, cache_creation_input_tokens: null, output_tokens: 5 },
    { input_tokens: null, output_tokens: 5 },
    { output_tokens: 5 }
  ]) t.strictSame(updateUsage(first, readUsage(last)!), whole)
  t.strictSame(updateUsage(undefined, readUsage({ input_tokens: 10, cache_read_input_tokens: null, output_tokens: 5 })!),
    { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 }, 'none of the parts does')
})

t.test('a chunk that says something and asks for a tool does both', async t => {
  const chunk = { choices: [{ index: 0, delta: { content: 'Wait.', reasoning: 'Hm', tool_calls: [{ index: 0, function: { name: 'search', arguments: '{}' } }] }, finish_reason: 'tool_calls' }] }
  t.match(readChunk(chunk), { content: true, text: 'Wait.', reasoning: 'Hm', toolCalls: [{ key: '0', name: 'search', arguments: '{}' }], finishReason: 'tool_calls' })
})

t.test('nothing that a provider sends makes reading it throw', async t => {
  const keys = fc.constantFrom('choices', 'delta', 'type', 'error', 'usage', 'message', 'content_block', 'response', 'tool_calls', 'function', 'index', 'item', 'model', 'id')
  const types = fc.constantFrom('message_start', 'content_block_start', 'content_block_delta', 'message_delta', 'response.completed', 'response.failed', 'response.output_item.added', 'response.x.delta', 'error')
  const tree = fc.letrec<{ node: unknown }>(tie => ({
    node: fc.oneof({ depthSize: 'small' }, fc.jsonValue({ maxDepth: 1 }), types, fc.array(tie('node'), { maxLength: 3 }), fc.dictionary(keys, tie('node'), { maxKeys: 5 }))
  })).node
  fc.assert(fc.property(tree, value => { readChunk(value); readAnswer(value); readUsage(value) }), { numRuns: 2_000 })
  t.pass()
})
