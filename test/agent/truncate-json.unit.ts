import fc from 'fast-check'
import t from 'tap'
import { truncateJson } from '../../lib/agent/truncate-json.ts'
import { made } from './made.ts'

t.test('always valid JSON within the limit, and the value itself where that fits', async t => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), fc.integer({ min: 2, max: 400 }), (value, max) => {
    const whole = JSON.stringify(value)
    const text = made(truncateJson, value, max)
    if (text.length > max) throw new Error(`${text.length} > ${max}`)
    const parsed: unknown = JSON.parse(text)
    if (whole.length <= max) t.equal(text, whole)
    else if (typeof value === 'object' && value !== null) t.equal(Array.isArray(parsed), Array.isArray(value), 'of the same shape')
  }), { numRuns: 1_000 })
})

t.test('a conversation keeps its beginning, its end and every short field', async t => {
  const value = {
    model: 'gpt-4o',
    messages: Array.from({ length: 200 }, (_, at) => ({ role: 'user', content: `${at} ${'x'.repeat(1_000)}` })),
    temperature: 0
  }
  const cut = JSON.parse(made(truncateJson, value, 4_000))
  t.equal(cut.model, 'gpt-4o')
  t.equal(cut.temperature, 0)
  t.match(cut.messages[0].content, /^0 x+… \(truncated, original size: 1002 chars\)$/)
  t.match(cut.messages.at(-1).content, /^199 x/)
  t.ok(cut.messages.some((message: unknown) => typeof message === 'string' && /^… \(\d+ more items\)$/.test(message)))
})

t.test('no character is cut in half', async t => {
  for (let max = 60; max < 90; max++) t.ok(JSON.parse(made(truncateJson, '😀'.repeat(100), max)).isWellFormed(), String(max))
})
