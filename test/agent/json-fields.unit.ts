import fc from 'fast-check'
import t from 'tap'
import { JsonFields } from '../../lib/agent/json-fields.ts'

function read (text: string, wanted: string[], size = Infinity): JsonFields {
  const fields = new JsonFields(wanted)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += Math.min(size, bytes.length)) fields.push(bytes.subarray(at, at + size))
  return fields
}

t.test('fields of any object, whatever is in it and however it is split', async t => {
  fc.assert(fc.property(fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 10 }), fc.jsonValue({ stringUnit: 'grapheme' })), fc.integer({ min: 1, max: 50 }), fc.nat(3), (object, size, indent) => {
    const names = Object.keys(object)
    const fields = read(JSON.stringify(object, null, indent), names, size)
    for (const name of names) {
      if (name.length <= 64) t.ok(fields.has(name))
      t.strictSame(fields.get(name), JSON.parse(JSON.stringify(object[name])))
    }
    t.notOk(fields.has('no such name'))
  }))
})

t.test('escapes that are split', async t => {
  const text = fc.string({ unit: fc.constantFrom('"', '\\', 'a', '\n'), maxLength: 12 })
  fc.assert(fc.property(text, text, fc.integer({ min: 1, max: 5 }), (name, value, size) => {
    const fields = read(JSON.stringify({ [name]: value, other: value, last: 1 }), [name, 'other', 'last'], size)
    t.strictSame([fields.get('other'), fields.get('last')], [value, 1])
    if (name !== '') t.equal(fields.get(name), value)
  }), { numRuns: 500 })
})

t.test('names within values are no fields, and what is not wanted is not kept', async t => {
  const fields = read('{"a":{"model":"inner","usage":[1,{"model":2}]},"s":"\\"model\\":\\"x\\"","model":"outer","b":1}', ['model', 'usage'])
  t.equal(fields.get('model'), 'outer')
  t.equal(fields.get('usage'), undefined)
  t.equal(fields.get('b'), undefined)
  t.ok(fields.has('b'))
})

t.test('anything else gives nothing and throws nothing', async t => {
  fc.assert(fc.property(fc.uint8Array(), fc.string(), (bytes, text) => {
    new JsonFields(['a']).push(bytes)
    read(text, ['a'])
  }))
  for (const text of ['', '[]', '[{"a":1}]', '"a"', '{"a"', '{"a":', '{"a":tru}', ']]]{"a":']) t.equal(read(text, ['a']).get('a'), undefined, text)
  t.equal(read(`{"a":"${'x'.repeat(70_000)}","b":2}`, ['a', 'b']).get('a'), undefined, 'too long')
  t.equal(read(`{"a":"${'x'.repeat(70_000)}","b":2}`, ['a', 'b']).get('b'), 2)
})
