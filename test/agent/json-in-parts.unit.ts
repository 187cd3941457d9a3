import fc from 'fast-check'
import t from 'tap'
import { jsonInParts } from '../../lib/agent/json-in-parts.ts'

function done<Result> (parts: Generator<unknown, Result>): { turns: number, result: Result } {
  for (let turns = 0; ; turns++) {
    const { done, value } = parts.next()
    if (done === true) return { turns, result: value }
  }
}

t.test('it is the text that JSON.stringify makes', async t => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), value => done(jsonInParts(value)).result === JSON.stringify(value)))
  t.pass('of any JSON value')
})

t.test('a long list is not written at once', async t => {
  const messages = Array.from({ length: 1_000 }, (_, n) => ({ role: 'user', content: `${n}` }))
  const { turns, result } = done(jsonInParts({ messages }))
  t.equal(result, JSON.stringify({ messages }))
  t.ok(turns >= 15, `${turns} turns`)
})

t.test('nor is a long text, wherever it is, and no character is cut in two', async t => {
  const unit = fc.constantFrom('a', '€', '😀', '"', '\\', '\n', '\u0001', '\ud83d', '\ude00')
  const long = fc.tuple(fc.string({ unit, minLength: 1, maxLength: 9 }), fc.nat(3)).map(([text, shift]) => `${'x'.repeat(shift)}${text.repeat(Math.ceil(150_000 / text.length))}`)
  fc.assert(fc.property(long, fc.nat(4), (text, depth) => {
    const values = [text, [text], { content: text }, { messages: [{ role: 'user', content: text }] }, { messages: [{ role: 'user', content: [{ type: 'text', text }] }, 1] }]
    const { turns, result } = done(jsonInParts(values[depth]))
    if (result !== JSON.stringify(values[depth])) throw new Error('another text')
    if (turns < 3) throw new Error(`${turns} turns`)
  }), { numRuns: 60 })
  t.pass('of any long text')
})
