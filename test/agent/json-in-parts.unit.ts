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
