import fc from 'fast-check'
import t from 'tap'
import { SseParser, type ServerSentEvent } from '../../lib/agent/sse-parser.ts'

function parse (chunks: readonly Uint8Array[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  const parser = new SseParser(event => { events.push(event) })
  for (const chunk of chunks) parser.push(chunk)
  return events
}

/** Bytes, cut at places that may be within a character. */
function split (bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...new Set([0, ...places.map(place => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  return cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end))
}

const line = fc.string({ unit: 'binary', maxLength: 20 }).map(text => text.replace(/[\r\n]/g, ''))
const newline = fc.constantFrom('\n', '\r\n', '\r')

t.test('events are the same however the bytes are split, in the middle of characters too', async t => {
  const event = fc.record({ name: fc.option(line.filter(name => name !== '')), data: fc.array(line, { minLength: 1, maxLength: 3 }), comment: fc.boolean(), space: fc.boolean() })
  fc.assert(fc.property(fc.array(event), newline, fc.boolean(), fc.array(fc.nat(), { maxLength: 30 }), (list, end, mark, places) => {
    const text = list.map(({ name, data, comment, space }) => [
      ...comment ? [': keep-alive'] : [],
      ...name === null ? [] : [`event:${space || name.startsWith(' ') ? ' ' : ''}${name}`],
      ...data.map(part => `data:${space || part.startsWith(' ') ? ' ' : ''}${part}`),
      'id: 7', ''
    ].map(one => one + end).join('')).join('')
    const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${text}`)
    const expected = list.map(({ name, data }) => ({ event: name?.toWellFormed() ?? 'message', data: data.join('\n').toWellFormed() }))
    t.strictSame(parse(split(bytes, places)), expected)
  }), { numRuns: 300 })
  t.end()
})

t.test('any bytes at all: no throw, and the same from any split', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, places) => {
    t.strictSame(parse(split(bytes, places)), parse([bytes]))
  }))
  const text = fc.array(fc.constantFrom('data', ':', ' ', '\r', '\n', 'é', '😀', 'x', 'event')).map(parts => Buffer.from(parts.join('')))
  fc.assert(fc.property(text, fc.array(fc.nat()), (bytes, places) => {
    t.strictSame(parse(split(bytes, places)), parse([bytes]))
  }), { numRuns: 500 })
  t.end()
})

t.test('what the standard says of odd lines', async t => {
  const cases: Array<[string, Array<[string, string]>]> = [
    ['data\n\n', [['message', '']]],
    ['data:a\n', []],
    ['event: x\n\ndata: a\n\n', [['message', 'a']]],
    ['data: a\ndata\ndata: b\n\n', [['message', 'a\n\nb']]],
    [':\n\n\ndata:  a\n\n', [['message', ' a']]],
    ['other: a\nretry: 5\n\n', []],
    ['data: a\r\r\ndata: b\r\n\r\n', [['message', 'a'], ['message', 'b']]]
  ]
  for (const [text, expected] of cases) t.strictSame(parse([Buffer.from(text)]).map(({ event, data }) => [event, data]), expected, JSON.stringify(text))
})

t.test('an event without end is let go, and those after it are read; comments without end are nothing', async t => {
  const piece = Buffer.from('x'.repeat(65_536))
  const chunks = [Buffer.from('data: '), ...Array.from({ length: 80 }, () => piece), Buffer.from('\n\ndata: next\n\n')]
  t.strictSame(parse(chunks), [{ event: 'message', data: 'next' }])
  const comment = Buffer.from(`:${'x'.repeat(65_536)}\n`)
  t.strictSame(parse([Buffer.from('data: a\n'), ...Array.from({ length: 80 }, () => comment), Buffer.from('\n')]), [{ event: 'message', data: 'a' }])
})
