import fc from 'fast-check'
import t from 'tap'
import { valueText } from '../../lib/trace/value-text.ts'
import { PARAMETER_LIMITS } from '../../lib/vocabulary/method-tracing.ts'

const text = (value: unknown, limits: { value?: number, items?: number } = {}): string => valueText(value, { ...PARAMETER_LIMITS, ...limits }).text

/** What nothing here may do is to run code of a value's. */
const forbidden = (): never => { throw new Error('this must not run') }

class Point { x = 1 }
class Known { id = 'known-1' }
class Money { toJSON (): unknown { return { amount: 5 } } }
class Parent {}
class Child extends Parent { override toString (): string { return forbidden() } }

t.test('values of every kind', t => {
  const cycle: Record<string, unknown> = { a: 1 }
  cycle['self'] = cycle
  cycle['list'] = [cycle]
  const twice = { b: 2 }
  const cases: Array<[value: unknown, expected: string]> = [
    ['a "text"', 'a "text"'], [7, '7'], [-0, '0'], [NaN, 'NaN'], [true, 'true'], [undefined, 'undefined'], [null, 'null'],
    [12345678901234567890n, '12345678901234567890'], [Symbol('s'), 'Symbol(s)'], [[2n ** 70_000n], '["<bigint of more than 4096 bits>"]'], [-(2n ** 70_000n), '<bigint of more than 4096 bits>'], [function named () {}, '<function named>'], [() => {}, '<function >'],
    [{}, '{}'], [[], '[]'], [new Map(), '{}'], [new Set(), '[]'], [Object.create(null), '{}'],
    [{ a: 'x', b: [1, null, undefined], c: undefined, d: 1n, [Symbol('k')]: 1 }, '{"a":"x","b":[1,null,null],"d":"1"}'],
    [[, 1], '[null,1]'], // eslint-disable-line no-sparse-arrays
    [new Map<unknown, unknown>([['a', 1], [2, { b: 3 }], [new Known(), 'k']]), '{"a":1,"2":{"b":3},"<Known (id=known-1)>":"k"}'],
    [new Set(['a', 1]), '["a",1]'],
    [new Date(0), '1970-01-01T00:00:00.000Z'], [[new Date(0), new Date(NaN)], '["1970-01-01T00:00:00.000Z","Invalid Date"]'],
    [Buffer.from('abc'), '<Buffer with 3 items>'], [new Float64Array(2), '<Float64Array with 2 items>'],
    [new ArrayBuffer(8), '<ArrayBuffer with 8 items>'], [new DataView(new ArrayBuffer(4)), '<DataView with 4 items>'],
    [new TypeError('no'), 'TypeError: no'], [/x/, '<RegExp>'], [Object('boxed'), '<String>'],
    [new Point(), '<Point>'], [new Known(), '<Known (id=known-1)>'], [new Child(), '<Child>'], [Promise.resolve(), '<Promise>'], [new WeakMap(), '<WeakMap>'],
    [new Money(), '{"amount":5}'], [[new Money()], '[{"amount":5}]'], [{ toJSON: () => 'own' }, 'own'],
    [new URL('https://user:pass@host.example:8080/path?token=x#y'), 'https://host.example:8080/path'],
    [cycle, '{"a":1,"self":"<circular>","list":["<circular>"]}'], [[twice, twice], '[{"b":2},{"b":2}]']
  ]
  for (const [value, expected] of cases) t.equal(text(value), expected, expected)
  t.end()
})

t.test('values that resist', t => {
  t.equal(text({ a: 1, get b () { return forbidden() } }), '{"a":1,"b":"<getter>"}', 'a getter does not run')
  t.equal(text({ toJSON () { throw new RangeError('S3CR3T') } }), '<serialization failed: RangeError>')
  t.equal(text([1, { toJSON () { throw new TypeError('x') } }]), '[1,"<serialization failed: TypeError>"]', 'the rest is there')
  t.equal(text({ toJSON () { return this } }), '<circular>')
  const endless: { toJSON: () => unknown } = { toJSON: () => ({ toJSON: endless.toJSON }) }
  t.match(text(endless), /^<Object>$/, 'one that never ends')
  const traps: ProxyHandler<any> = { get: forbidden, ownKeys: forbidden, getPrototypeOf: forbidden, getOwnPropertyDescriptor: forbidden, has: forbidden }
  t.equal(text(new Proxy({}, traps)), '<Proxy>')
  t.equal(text([new Proxy([], traps), new Proxy(() => {}, traps)]), '["<Proxy>","<function >"]')
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  t.equal(text({ revoked: revoked.proxy }), '{"revoked":"<Proxy>"}')
  t.equal(text(Object.create(new Proxy({}, traps))), '<serialization failed: Error>', 'a prototype that is one')
  const array = [1, 2]
  Object.defineProperty(array, Symbol.iterator, { get: forbidden })
  Object.defineProperty(array, 0, { get: forbidden })
  t.equal(text(array), '[null,2]')
  class Liar extends Map<string, number> { override get size (): number { return forbidden() } override entries (): never { return forbidden() } }
  t.equal(text(new Liar([['a', 1]])), '{"a":1}')
  t.equal(text({ constructor: forbidden }), '{"constructor":"<function forbidden>"}')
  t.equal(text(Object.assign(new Error(), { message: { toString: forbidden } })), 'Error: ')
  const nameless = new Point()
  Object.defineProperty(nameless, 'constructor', { get: forbidden })
  t.equal(text(nameless), '<Object>')
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  t.match(text(deep), /^\[{16}"<Array with 1 items>"\]{16}$/, 'deeper than any stack')
  t.end()
})

t.test('secrets by their form', t => {
  const key = 'sk-abcdefghijklmnopqrstuv'
  t.equal(text(`key ${key}`), 'key REDACTED')
  t.equal(text({ a: `line\n${key}`, b: [key], c: new Map([['d', key]]), e: new Error(`no ${key}`), f: { toJSON: () => key } }),
    '{"a":"line\\nREDACTED","b":["REDACTED"],"c":{"d":"REDACTED"},"e":"Error: no REDACTED","f":"REDACTED"}')
  t.equal(text(['postgres://app:hunter2@db/x', 'https://x/?api_key=abc']), '["postgres://REDACTED:REDACTED@db/x","https://x/?api_key=REDACTED"]')
  t.equal(text({ tokens: [1], maxTokens: 7, accessKey: 'a', author: 'b' }), '{"tokens":"REDACTED","maxTokens":7,"accessKey":"REDACTED","author":"b"}')
  t.strictSame(valueText(`${key} and more`, { value: 30, items: 1 }), { text: 'REDACTED and … (truncated, original size: 34 chars)', truncated: true })
  t.strictSame(valueText('a://b:c@d', { value: 9, items: 1 }), { text: 'a://REDAC… (truncated, original size: 9 chars)', truncated: true }, 'what is put in its place counts')
  t.strictSame(valueText([`${key} and more`], { value: 30, items: 1 }), { text: '["REDACTED and m"… (truncated, original size: more than 30 chars)', truncated: true })
  t.end()
})

t.test('limits', t => {
  t.strictSame(valueText('abcdef', { value: 3, items: 1 }), { text: 'abc… (truncated, original size: 6 chars)', truncated: true })
  t.strictSame(valueText('abc', { value: 3, items: 1 }), { text: 'abc', truncated: false })
  t.equal(text(123456n, { value: 3 }), '123… (truncated, original size: 6 chars)')
  t.equal(text({ a: 'x'.repeat(50), b: 1 }, { value: 10 }), '{"a":"xxxx… (truncated, original size: more than 10 chars)')
  t.equal(text(new Map([['k', 'x'.repeat(50)]]), { value: 10 }), '{"k":"xxxx… (truncated, original size: more than 10 chars)')
  t.equal(text(new Set(['x'.repeat(50), 1]), { value: 10 }), '["xxxxxxxx… (truncated, original size: more than 10 chars)')
  t.equal(text(['x'.repeat(50), 1], { value: 10 }), '["xxxxxxxx… (truncated, original size: more than 10 chars)')
  t.equal(text([1, 2, 3], { items: 2 }), '<Array with 3 items>')
  t.equal(text({ a: [1, 2, 3], b: 1 }, { items: 2 }), '{"a":"<Array with 3 items>","b":1}')
  t.equal(text(new Set([1, 2, 3]), { items: 2 }), '<Set with 3 items>')
  t.equal(text({ a: 1, b: 2, c: 3 }, { items: 2 }), '<Object with 3 items>')
  const rows = Array.from({ length: 1_000 }, () => Array.from({ length: 1_000 }, () => 1))
  t.match(text(rows), /^\[\[1,1,.*\],"<Array with 1000 items>","<Array with 1000 items>"/, 'all together')
  const objects = Array.from({ length: 1_000 }, () => Object.fromEntries(Array.from({ length: 100 }, (_, n) => [n, n])))
  t.match(text(objects), /"<Object>","<Object>"\]$/)
  t.end()
})

t.test('whatever is given, it gives text within the limit, and JSON where all is plain', t => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withBoxedValues: true }),
    fc.integer({ min: 0, max: 200 }), (value, limit) => {
      const { text, truncated } = valueText(value, { value: limit, items: 50 })
      const kept = truncated ? text.slice(0, text.lastIndexOf('… (truncated')) : text
      if (kept.length > limit) throw new Error(text)
    }))
  const plain = fc.jsonValue({ maxDepth: 5 }).filter(value => typeof value === 'object' && !/"[^"]*(?:auth|cookie|key|pass|pwd|secret|token|credential)[^"]*":|toJSON/i.test(JSON.stringify(value)))
  fc.assert(fc.property(plain, value => {
    if (text(value) !== JSON.stringify(value).replaceAll('-0', '0') && text(value) !== JSON.stringify(value)) throw new Error(`${text(value)} is not ${JSON.stringify(value)}`)
  }))
  t.end()
})
