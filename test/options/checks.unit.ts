import fc from 'fast-check'
import t from 'tap'
import { attributeValue, checkOptions, either, flag, headerName, headerValue, listOf, object, oneOf, recordOf, publicHeaderName, publicName, shape, synchronous, text } from '../../lib/options/checks.ts'

t.test('the first option that is unknown or ill-typed is named', async t => {
  const checks = { name: text, on: flag }
  t.doesNotThrow(() => { checkOptions(checks, { name: 'a', on: false }) })
  t.throws(() => { checkOptions(checks, { nmae: 'a' }) }, {
    code: 'LETTA_OTEL_INVALID_OPTION', message: 'letta-otel option "nmae" cannot be "a": unknown; use one of name, on'
  })
  t.throws(() => { checkOptions(checks, { name: 'a', on: 1 }) }, { message: 'letta-otel option "on" cannot be 1: use true or false' })
})

t.test('an option that is undefined counts as left out, known or not', async t => {
  t.doesNotThrow(() => { checkOptions({ name: text }, { name: undefined, other: undefined }) })
})

t.test('options have to be an object', async t => {
  for (const [options, shown] of [[null, 'null'], [[], 'an array'], ['x', '"x"'], [() => {}, 'a function'], [undefined, 'undefined']] as const) {
    t.throws(() => { checkOptions({}, options) }, { message: `letta-otel option "options" cannot be ${shown}: use an object` })
  }
})

t.test('names that every object inherits are unknown options', async t => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const options = JSON.parse(`{ "${name}": 1 }`) as object
    t.throws(() => { checkOptions({ name: text }, options) }, { message: `letta-otel option "${name}" cannot be 1: unknown; use one of name` })
  }
})

t.test('either names every way out', async t => {
  t.equal(either(flag, text)(7), 'use true or false, or use a text that is not empty')
  t.equal(either(flag, text)('a'), undefined)
})

t.test('lists, records and shapes name what is wrong inside', async t => {
  t.equal(listOf(flag)([true, 'x']), 'item "x": use true or false')
  t.equal(recordOf(headerName, flag)({ 'x-a': true, 'x-b': 0 }), 'entry "x-b": use true or false')
  t.equal(recordOf(text, attributeValue)({ '': 1 }), 'entry "": use a text that is not empty')
  t.equal(shape({ inner: shape({ on: flag }) })({ inner: { on: 2 } }), 'inner: on: use true or false')
  t.equal(object('start', 'a motor')({ start: 1 }), 'use a motor')
  t.equal(object('start', 'a motor')({ start () {} }), undefined)
})

t.test('checks never throw and give a fix as text, whatever the value', async t => {
  const checks = [text, flag, headerName, either(flag, text), listOf(text), recordOf(headerName, text), shape({ a: flag }), oneOf('a', 'b'), object('a', 'b')]
  fc.assert(fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true, withSet: true }), value => {
    for (const check of checks) {
      const fix = check(value)
      if (fix !== undefined && fix === '') throw new Error('an empty fix')
    }
  }))
  t.pass()
})

t.test('names of secrets, in any spelling', async t => {
  for (const name of ['token', 'accessToken', 'X-Api-Key', 'openai_api_key', 'clientSecret', 'Set-Cookie', 'proxy-authorization', 'aws_secret_key']) {
    t.match(publicName(name), 'secret', name)
    t.match(publicHeaderName(name), 'secret', name)
  }
  t.match(publicHeaderName('x-api-tokens'), 'secret', 'what headers say is text, and counts nothing')
  for (const name of ['model', 'tokens', 'keyboard', 'x-request-id']) t.equal(publicName(name), undefined, name)
})

t.test('values of headers and of resource attributes', async t => {
  for (const value of ['', 'a\nb', 'a\0', 'ключ', 7]) t.type(headerValue(value), 'string')
  for (const value of ['a', 'Bearer x=', 'ü']) t.equal(headerValue(value), undefined)
  for (const value of [null, undefined, {}, [{}], NaN, 5n, Symbol('x'), () => 1]) t.type(attributeValue(value), 'string')
  for (const value of ['', 1, true, ['a', 'b'], []]) t.equal(attributeValue(value), undefined)
})

t.test('functions that answer at once', async t => {
  t.equal(synchronous(() => true), undefined)
  t.equal(synchronous(async () => true), 'use a function that is not async')
  t.equal(synchronous(1), 'use a function')
})
