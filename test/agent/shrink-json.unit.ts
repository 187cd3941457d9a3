/** What is left of JSON that is too much: JSON of the same shape, within bounds, with as much of its end as of its beginning. */
import fc from 'fast-check'
import t from 'tap'
import { PAYLOAD_BOUNDS } from '../../lib/agent/payload-bounds.ts'
import { shrinkJson } from '../../lib/agent/shrink-json.ts'
import { made } from './made.ts'

const shrink = (value: unknown, bounds = PAYLOAD_BOUNDS, space = 0): Buffer => made(shrinkJson, Buffer.from(JSON.stringify(value, undefined, space)), bounds)!

const NOTE = /^… \((\d+) more items\)$/
const CUT = /… \(truncated, original size: (\d+) bytes\)$/

/** Throws where something is not as it was, and no note stands in its place. */
function compare (was: any, is: any, at = ''): void {
  const differ = (): never => { throw new Error(`${at}: ${JSON.stringify(is)?.slice(0, 200)} was ${JSON.stringify(was)?.slice(0, 200)}`) }
  if (typeof was === 'string') {
    const cut = typeof is === 'string' && is !== was ? CUT.exec(is) ?? differ() : undefined
    if (typeof is !== 'string' || (cut && (!was.startsWith(is.slice(0, cut.index)) || Number(cut[1]) !== jsonBytes(was)))) differ()
  } else if (typeof was !== 'object' || was === null) {
    if (!Object.is(was, is)) differ()
  } else if (Array.isArray(was)) {
    compareItems(was, Array.isArray(is) ? is : differ(), at)
  } else {
    if (typeof is !== 'object' || is === null || Array.isArray(is)) differ()
    for (const [key, value] of Object.entries(is)) {
      if (key === '…') continue
      const cut = /… \(key (\d+), original size: (\d+) bytes\)$/.exec(key)
      // By its place: several may begin alike.
      const long = cut === null ? undefined : Object.keys(was)[Number(cut[1]) - 1]
      const found = key in was ? key : long?.startsWith(key.slice(0, cut!.index)) === true && jsonBytes(long) === Number(cut![2]) ? long : undefined
      if (found === undefined) differ()
      compare(was[found!], value, `${at}.${key}`)
    }
    if (Object.keys(is).length < Object.keys(was).length && !('…' in is)) differ()
  }
}

function compareItems (was: readonly unknown[], is: readonly unknown[], at: string): void {
  const note = is.findIndex(item => typeof item === 'string' && NOTE.test(item))
  const left = note === -1 ? 0 : Number(NOTE.exec(is[note] as string)![1])
  if (is.length - Number(note !== -1) + left !== was.length) throw new Error(`${at}: ${is.length} items of ${was.length}, ${left} left out`)
  is.forEach((item, index) => {
    if (index !== note) compare(was[note !== -1 && index > note ? index - 1 + left : index], item, `${at}[${index}]`)
  })
}

const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2

/** Members and items, with the containers themselves. */
function valuesOf (value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const parts = Object.values(value)
  return parts.reduce<number>((sum, part) => sum + valuesOf(part), Math.max(1, parts.length))
}

t.test('whatever it is, it is JSON of the same shape, within bounds', async t => {
  const unit = fc.constantFrom('a', ' ', '€', '😀', '"', '\\', '\n', '\u0001', '{', '[', ',', ']')
  const repeated = (max: number): fc.Arbitrary<string> => fc.tuple(fc.string({ unit, minLength: 1, maxLength: 9 }), fc.nat(max)).map(([text, times]) => text.repeat(times))
  const text = fc.oneof(fc.string({ unit, maxLength: 20 }), repeated(400))
  const key = fc.oneof(fc.string({ unit, maxLength: 9 }), repeated(100)).filter(key => key !== '…' && key !== '__proto__')
  const { value } = fc.letrec(tie => ({
    value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, text, fc.integer(), fc.constant(null), tie('items'), tie('members')),
    items: fc.array(tie('value'), { maxLength: 20 }),
    members: fc.dictionary(key, tie('value'), { maxKeys: 12 })
  }))
  const bounds = fc.record({ characters: fc.integer({ min: 2_000, max: 20_000 }), values: fc.integer({ min: 20, max: 300 }), members: fc.integer({ min: 3, max: 10 }) })
  const many = fc.array(value, { minLength: 1, maxLength: 30 })
  let shrunken = 0
  fc.assert(fc.property(many, bounds, fc.nat(3), (value, bounds, space) => {
    const bytes = Buffer.from(JSON.stringify(value, undefined, space))
    const shrunk = made(shrinkJson, bytes, bounds)!
    const left = JSON.parse(shrunk.toString()) as unknown
    compare(value, left)
    if (shrunk === bytes) return
    shrunken++
    // Notes, and what is opened once more, are not counted: they are as many as what they stand for, and as deep.
    if (valuesOf(left) > bounds.values + 40) throw new Error(`${valuesOf(left)} values`)
    if (shrunk.length > bounds.characters * 2 + 16_000) throw new Error(`${shrunk.length} bytes of ${bounds.characters}`)
  }), { numRuns: 300 })
  t.ok(shrunken > 100, `${shrunken} were too much`)
})

t.test('long texts have the same room, wherever they are', async t => {
  const messages = Array.from({ length: 22 }, (_, at) => ({ role: 'user', content: `${at} ${'word '.repeat(100_000)}` }))
  const bytes = shrink({ model: 'm', messages, tools: [{ name: 'search' }] })
  t.ok(bytes.length <= PAYLOAD_BOUNDS.characters)
  t.ok(bytes.length > PAYLOAD_BOUNDS.characters * 0.99, 'all of the room is used')
  const kept = JSON.parse(bytes.toString()) as { messages: Array<{ content: string }>, tools: unknown }
  compare({ messages }, { messages: kept.messages })
  const lengths = kept.messages.map(({ content }) => content.length)
  t.ok(Math.max(...lengths) - Math.min(...lengths) < 10, `${Math.min(...lengths)} to ${Math.max(...lengths)}`)
  t.strictSame(kept.tools, [{ name: 'search' }])
  const one = JSON.parse(shrink({ before: 'a', image: 'QUJD'.repeat(2_000_000), after: 'word '.repeat(50_000) }).toString()) as { image: string, after: string }
  t.equal(one.after, 'word '.repeat(50_000), 'what is small is whole')
  t.ok(one.image.length > 3_900_000)
})

t.test('the last message of a long conversation keeps a fair share', async t => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 200, max: 20_000 })), { minLength: 3, maxLength: 400 })
  fc.assert(fc.property(sizes, fc.integer({ min: 0, max: 30_000 }), fc.boolean(), (lengths, last, hasParts) => {
    const content = (length: number): unknown => hasParts ? [{ type: 'text', text: 'x y '.repeat(length / 4) }] : 'x y '.repeat(length / 4)
    const messages = [...lengths, last].map((length, at) => ({ role: 'user', content: content(length), at }))
    const bounds = { characters: 40_000, values: 500, members: 50 }
    const shrunk = shrink({ model: 'm', messages, tools: [1, 2], stream: true }, bounds)
    const kept = JSON.parse(shrunk.toString()) as { messages: any[] }
    compare({ model: 'm', messages, tools: [1, 2], stream: true }, kept)
    if (shrunk.length > 41_000) throw new Error(`${shrunk.length} bytes`)
    const [first, end] = [kept.messages[0], kept.messages.at(-1)]
    if (first.at !== 0 || end.at !== lengths.length) throw new Error('an end is missing')
    const textOf = ({ content }: any): string => hasParts ? content[0].text : content
    const share = Math.min(last - last % 4, bounds.characters / 16 - 100)
    if (textOf(end).length < share) throw new Error(`${textOf(end).length} characters of the last message`)
  }), { numRuns: 300 })
  const messages = Array.from({ length: 60_000 }, (_, at) => ({ role: 'user', content: `${at} ${'word '.repeat(20)}` }))
  const { messages: kept, model } = JSON.parse(shrink({ messages, model: 'm' }).toString()) as { messages: any[], model: string }
  compare(messages, kept)
  t.equal(model, 'm')
  t.strictSame([kept[0], kept.at(-1)], [messages[0], messages.at(-1)])
  const note = kept.findIndex(item => typeof item === 'string')
  t.ok(note > kept.length * 0.4 && note < kept.length * 0.6, 'as many of both ends')
})

t.test('what is left out may begin and end at any depth', async t => {
  const bounds = { characters: 1_000_000, values: 20, members: 100 }
  const row = (length: number): number[] => Array.from({ length }, (_, at) => at)
  const cases: Array<[value: unknown, left: string]> = [
    [row(40), '[0,1,2,3,4,5,6,7,8,"… (20 more items)",29,30,31,32,33,34,35,36,37,38,39]'],
    [{ a: row(40), b: 1 }, '{"a":[0,1,2,3,4,5,6,7,"… (22 more items)",30,31,32,33,34,35,36,37,38,39],"b":1}'],
    [{ a: row(15), b: { c: row(3), d: row(40) }, e: [7] },
      '{"a":[0,1,2,3,4,5,6,7,"… (7 more items)"],"b":{"…":"more keys","d":["… (31 more items)",31,32,33,34,35,36,37,38,39]},"e":[7]}'],
    [Array.from({ length: 6 }, () => row(5)), '[[0,1,2,3,4],[0,1,"… (3 more items)"],"… (2 more items)",["… (1 more items)",1,2,3,4],[0,1,2,3,4]]'],
    [[[[row(30)]], [[row(30)]]], '[[[[0,1,2,3,4,5,"… (24 more items)"]]],[[["… (19 more items)",19,20,21,22,23,24,25,26,27,28,29]]]]']
  ]
  for (const [value, left] of cases) {
    const shrunk = shrink(value, bounds).toString()
    compare(value, JSON.parse(shrunk))
    t.equal(shrunk, left)
  }
  t.equal(made(shrinkJson, Buffer.from('[1,2'), bounds), undefined)
  t.equal(made(shrinkJson, Buffer.from('["a'), bounds), undefined)
})

t.test('long keys are told apart by their place', async t => {
  const long = 'x y '.repeat(1_000_000)
  const value = JSON.parse(`{"${long}":1,"${long}a":2,"b":3}`) as object
  const kept = JSON.parse(shrink(value).toString()) as object
  compare(value, kept)
  t.match(Object.keys(kept).map(key => key.replace(/^(?:x y ?)+/, '')), [/^… \(key 1, original size: 4000000 bytes\)$/, /^… \(key 2, original size: 4000001 bytes\)$/, 'b'])
})
