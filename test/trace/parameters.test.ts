/* eslint no-new-func: off, no-extra-bind: off, no-template-curly-in-string: off -- functions in forms that formatting would take from them */
import fc from 'fast-check'
import t from 'tap'
import { readParameters } from '../../lib/trace/parameter-sources.ts'
import type { TraceMethodOptions } from '../../lib/trace/trace-method-options.ts'
import { traceMethod } from '../../lib/trace/trace-method.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { recordSpans } from './recorded-spans.ts'

useEnvironment({})

/** Names, and what they have of a call. */
function read (fn: (...args: never[]) => unknown, ...args: unknown[]): Record<string, unknown> {
  return Object.fromEntries(readParameters(fn).map(({ name, read }) => [name, read(args)]))
}

class Methods {
  #own = 1
  plain (a: unknown, b: unknown) { return [a, b] }
  async later (a: unknown) { return a }
  * count (a: unknown) { yield a }
  async * stream (a: unknown) { yield a }
  [`computed(${1})`] (a: unknown) { return a }
  'quoted name' (a: unknown) { return a }
  static of (a: unknown) { return a }
  withPrivate (a = this.#own) { return a }
  get (a: unknown) { return a }
  async (a: unknown) { return a }
}

t.test('names are read from any kind of function', t => {
  const methods = new Methods()
  t.same(read(methods.plain, 1, 2), { a: 1, b: 2 })
  for (const method of [
    methods.later, methods.count, methods.stream, methods['computed(1)' as 'plain'], methods['quoted name'], Methods.of, methods.withPrivate,
    methods.get, methods.async
  ]) t.same(read(method, 1), { a: 1 }, method.name)
  t.same(read(function (a: unknown) { return a }, 1), { a: 1 })
  t.same(read(async function named (a: unknown) { return a }, 1), { a: 1 })
  t.same(read((a: unknown) => a, 1), { a: 1 })
  t.same(read(async (a: unknown) => a, 1), { a: 1 })
  t.same(read(Function('return a => a')(), 1), { a: 1 }, 'without parentheses')
  t.same(read(Function('return async a => a')(), 1), { a: 1 })
  t.same(read(Function('return function(/* c, */ a, // b)\n b) {}')(), 1, 2), { a: 1, b: 2 }, 'with comments')
  t.same(read(Function('return { get: function (a) {} }.get')(), 1), { a: 1 })
  t.same(read(() => {}, 1), {})
  t.end()
})

t.test('defaults, rests and destructured values', t => {
  t.same(read((a: unknown, b = { c: [')', '('] }, d = ((x: unknown) => x)(/[)]/)) => [a, b, d], 1), { a: 1, b: undefined, d: undefined })
  t.same(read((a: unknown, ...rest: unknown[]) => [a, rest], 1, 2, 3), { a: 1, rest: [2, 3] })
  t.same(read((...[a, b]: unknown[]) => [a, b], 1, 2), { a: 1, b: 2 })
  t.same(read(({ agentId, messages: renamed = [], 'quoted-key': q, ['computed' + 1]: c, ...others }: any = {}) => [agentId, renamed, q, c, others],
    { agentId: 'a', messages: [1], 'quoted-key': 2, computed1: 3, more: 4 }), { agentId: 'a', messages: [1], 'quoted-key': 2 }, 'by key')
  t.same(read(([first, , third, ...rest]: any, { deep: { inner } }: any) => [first, third, rest, inner], [1, 2, 3, 4, 5], { deep: { inner: 6 } }),
    { first: 1, third: 3, rest: [4, 5], deep: { inner: 6 } })
  t.same(read(({ a }: any) => a), { a: undefined }, 'left out')
  t.same(read(({ a }: any) => a, null), { a: undefined })
  t.same(read(([a]: any) => a, 7), { a: undefined })
  t.same(read(([a]: any) => a, new Proxy([], { get () { throw new Error('trap') } })), { a: undefined })
  let looked = 0
  t.same(read(({ a }: any) => a, { get a () { return looked++ } }), { a: undefined })
  t.equal(looked, 0, 'no getter runs')
  t.end()
})

t.test('where there is no source there are no names', t => {
  t.same(readParameters(Math.max), [])
  t.same(readParameters(((a: number) => a).bind(null)), [])
  t.same(readParameters(class A { constructor (readonly_: number) { return readonly_ as never } } as never), [])
  t.end()
})

t.test('a long body costs nothing', t => {
  const fn = Function(`return function (a) { ${'[/a/, `${1}`]; { }'.repeat(50_000)} }`)() as () => void
  readParameters(() => {})
  const start = performance.now()
  const parameters = readParameters(fn)
  t.ok(performance.now() - start < 20)
  t.same(parameters.map(({ name }) => name), ['a'])
  t.end()
})

t.test('any list of simple parameters is read as the language reads it', t => {
  const name = fc.stringMatching(/^[a-z$_][a-zA-Z0-9$_]{0,8}$/).filter(text => { try { Function(`'use strict'; let ${text}`); return !['await', 'yield'].includes(text) } catch { return false } })
  const value = fc.constantFrom('1', '")"', '`${(")")}`', '/[)]/', '(a, b) => {}', '{ a: [")"] }', 'function (z) { return (z) }')
  const parameters = fc.uniqueArray(fc.tuple(name, fc.option(value)), { selector: ([name]) => name, maxLength: 6 })
  fc.assert(fc.property(parameters, fc.constantFrom('function ', 'async function ', 'function * n', ''), (list, form) => {
    const text = `(${list.map(([name, value]) => value === null ? name : `${name} = ${value}`).join(', ')})`
    const fn = Function(`return (${form}${text}${form === '' ? ' =>' : ''} { return [] })`)()
    t.strictSame(readParameters(fn).map(({ name }) => name), list.map(([name]) => name))
  }), { numRuns: 200 })
  t.end()
})

/** Attributes of a call. */
async function attributesOf (
  spans: ReturnType<typeof recordSpans>, fn: (...args: any[]) => unknown, args: unknown[], options: TraceMethodOptions = {}
): Promise<Record<string, unknown>> {
  traceMethod(fn, options)(...args)
  return (await spans())[0]!.attributes
}

t.test('values as attributes', async t => {
  const spans = recordSpans(t)
  const fn = (text: any, number: any, flag: any, nothing: any, missing: any, object: any, nan: any, big: any): any => [text, number, flag, nothing, missing, object, nan, big]
  t.strictSame(await attributesOf(spans, fn, ['x', 1.5, false, null, undefined, { a: [1, 'b'] }, NaN, 10n]), {
    'parameter.text': 'x',
    'parameter.number': 1.5,
    'parameter.flag': false,
    'parameter.nothing': 'null',
    'parameter.object': '{"a":[1,"b"]}',
    'parameter.nan': 'NaN',
    'parameter.big': '10'
  })
})

t.test('what is large shows its type and ids', async t => {
  const spans = recordSpans(t)
  class AgentState { id = 'agent-1' }
  const letters = [...'abcdefghijkl'].map(id => ({ id }))
  const leftOut = (agentState: any, messages: any, content: any, memory: any, context: any): any => [agentState, messages, content, memory, context]
  t.strictSame(await attributesOf(spans, leftOut, [new AgentState(), letters, 'long text', { n: 1 }, [{ id: 1 }, {}]]), {
    'parameter.agentState': '<AgentState (excluded, id=agent-1)>',
    'parameter.messages': '<Array (excluded, ids=[a,b,c,d,e... (12 total)])>',
    'parameter.content': '<string (excluded)>',
    'parameter.memory': '<Object (excluded)>',
    'parameter.context': '<Array (excluded, ids=[1])>'
  })
  t.strictSame(await attributesOf(spans, ({ agent_state: state, request_data: data, requestData }: any) => [state, data, requestData],
    [{ agent_state: {}, request_data: { messages: [1] }, requestData: 2 }]), {
    'parameter.agent_state': '<Object (excluded)>',
    'parameter.request_data': '{"messages":[1]}',
    'parameter.requestData': 2
  }, 'by key, in either spelling')
  t.strictSame(await attributesOf(spans, (messages: any, own: any) => [messages, own], [[1], 'x'], { exclude: ['own'], include: ['messages'] }), {
    'parameter.messages': '[1]', 'parameter.own': '<string (excluded)>'
  })
  t.strictSame(await attributesOf(spans, (requestData: any) => requestData, [1], { exclude: ['requestData'] }), { 'parameter.requestData': 1 }, 'never left out')
})

t.test('secrets are no one\'s business', async t => {
  const spans = recordSpans(t)
  const attributes = await attributesOf(spans, (apiKey: any, access_token: any, options: any) => [apiKey, access_token, options], // eslint-disable-line camelcase
    ['S3CR3T', 'S3CR3T', { password: 'S3CR3T', headers: { Authorization: 'S3CR3T', 'x-api-key': 'S3CR3T', accept: '*' }, map: new Map([['cookie', 'S3CR3T']]), maxTokens: 7 }])
  t.notMatch(JSON.stringify(attributes), 'S3CR3T')
  t.equal(attributes['parameter.options'],
    '{"password":"REDACTED","headers":{"Authorization":"REDACTED","x-api-key":"REDACTED","accept":"*"},"map":{"cookie":"REDACTED"},"maxTokens":7}')
})

t.test('limits', async t => {
  const spans = recordSpans(t)
  const two = (a: any, b: any, c: any): any => [a, b, c]
  const mebibyte = 'x'.repeat(1024 * 1024)
  const attributes = await attributesOf(spans, two, [mebibyte.repeat(3), mebibyte, mebibyte.repeat(2)])
  const value = String(attributes['parameter.a'])
  t.equal(value.slice(2 * 1024 * 1024), '… (truncated, original size: 3145728 chars)')
  t.equal(attributes['parameter.b'], mebibyte)
  t.match(String(attributes['parameter.c']).slice(-60), /… \(truncated, original size: 2097152 chars\)$/)
  t.match(attributes, { 'parameters.truncated': true, 'parameters.truncated_reason': 'all values together are longer than 4194304 chars' })

  const limits = { value: 4, total: 6 }
  t.strictSame(await attributesOf(spans, two, ['abcdef', 'abcdef', 1], { limits: { ...limits, total: 100 } }), {
    'parameter.a': 'abcd… (truncated, original size: 6 chars)', 'parameter.b': 'abcd… (truncated, original size: 6 chars)', 'parameter.c': 1
  }, 'one is too long, all together are not')
  t.strictSame(await attributesOf(spans, two, ['abc', 'def', 'g'], { limits }), {
    'parameter.a': 'abc', 'parameter.b': 'def', 'parameters.truncated': true, 'parameters.truncated_reason': 'all values together are longer than 6 chars'
  })
  t.strictSame(await attributesOf(spans, two, ['abc', 'def', 1], { limits }), { 'parameter.a': 'abc', 'parameter.b': 'def', 'parameter.c': 1 }, 'all fit')
  t.strictSame(await attributesOf(spans, two, [[1, 2, 3], [1, 2]], { limits: { items: 2 } }), { 'parameter.a': '<Array with 3 items>', 'parameter.b': '[1,2]' })
})

t.test('names that the user gives', async t => {
  const spans = recordSpans(t)
  t.strictSame(await attributesOf(spans, Math.max, [1, 2, 3], { parameters: ['first', 'second'] }), { 'parameter.first': 1, 'parameter.second': 2 })
  t.strictSame(await attributesOf(spans, (a: unknown) => a, [1], { parameters: false }), {})
  t.strictSame(await attributesOf(spans, Math.max, [1, 2, 3]), {}, 'of a native function')
})
