import { createHash } from 'node:crypto'
import fc from 'fast-check'
import OpenAI from 'openai'
import t from 'tap'
import { AnswerText } from '../../lib/agent/answer-text.ts'
import { captureValue } from '../../lib/agent/capture-value.ts'
import { heldBytes } from '../../lib/agent/held-bytes.ts'
import type { LlmCallWork } from '../../lib/agent/llm-call.ts'
import { keepAnswerText, keepAssembled, keepBody, keepValue } from '../../lib/agent/payload.ts'
import { shrinkJson } from '../../lib/agent/shrink-json.ts'
import { redactionRules } from '../../lib/redaction/redact-json.ts'
import { finishedSpans } from '../../lib/testing.ts'
import { CHAT_ANSWER, DONE, chatChunk, events, json, modelProvider } from './model-provider.ts'
import { made } from './made.ts'
import { drain, observedAgents } from './observed-agents.ts'

const RULES = { redaction: redactionRules([], []), maxSize: 300 }
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

t.test('whatever it is, what is kept is valid JSON within the limit, with the size and hash of the whole', async t => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), value => {
    const { json, sha256: hash, originalSize } = made(keepValue, value, RULES)
    JSON.parse(json)
    if (json.length > 300) throw new Error('too long')
    if (originalSize <= 300) t.equal(hash, sha256(json))
  }))
  fc.assert(fc.property(fc.string(), fc.nat(1_000), (text, more) => {
    const kept = made(keepAnswerText, text, text.length + more, RULES)
    JSON.parse(kept.json)
    if (more > 0) t.equal(kept.originalSize, text.length + more)
  }))
  t.equal(made(keepValue, undefined, RULES).json, 'null')
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  t.equal(made(keepValue, cycle, RULES).json, '{"self":"<circular>"}')
})

t.test('size and hash are those of the redacted text, before anything is cut off', async t => {
  const body = JSON.stringify({ password: 'hunter2', text: 'x'.repeat(1_000) })
  const redacted = JSON.stringify({ password: 'REDACTED', text: 'x'.repeat(1_000) })
  const kept = made(keepBody, Buffer.from(body), RULES)
  t.equal(kept.originalSize, redacted.length)
  t.equal(kept.sha256, sha256(redacted))
  t.ok(kept.json.length <= 300)
  t.match(JSON.parse(kept.json), { password: 'REDACTED', text: /original size: 1000 chars/ })
})

t.test('a secret that a limit cut in two is not kept', async t => {
  const secret = 'sk-abcdefghijklmnopqrstuvwxyz'
  for (let length = 1; length < secret.length; length++) {
    t.notMatch(made(keepAnswerText, `key: ${secret.slice(0, length)}`, 1_000, RULES).json, /sk|abc/)
    const text = new AnswerText(5 + length)
    text.add({ text: `key: ${secret}` })
    t.notMatch(made(keepAssembled, text, {}, RULES).json, /sk|abc/)
  }
})

t.test('a long word costs no more than what is taken of it', async t => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', '\n', ','), maxLength: 40 }), text => {
    t.equal(made(keepAnswerText, `x ${text}`, 1_000, RULES).json, JSON.stringify(`x ${text}`.replace(/[^\s"',;]+$/, '')))
  }))
  for (const text of ['QUJD'.repeat(65_536), `${'QUJD'.repeat(65_535)}" `]) {
    const begun = performance.now()
    const { originalSize } = made(keepAnswerText, text, 1_000_000, { ...RULES, maxSize: 300_000 })
    const took = performance.now() - begun
    t.equal(originalSize, 1_000_000)
    t.ok(took < 200, `${took.toFixed()} ms`)
  }
})

t.test('a value is read as JSON would have it, and what cannot be read says so in its place', async t => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
    t.equal(JSON.stringify(made(captureValue, value)), JSON.stringify(value))
  }), { numRuns: 200 })
  class Odd { toJSON (): never { throw new RangeError('no') } }
  const shared = { a: 1 }
  const cases: Array<[value: unknown, taken: unknown]> = [
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [{ none: undefined, run () {}, nan: Number.NaN, big: 7n }, { nan: null, big: '7' }],
    [[undefined, () => {}], [null, null]],
    [Buffer.from('abc'), '<Buffer with 3 items>'],
    [{ odd: new Odd(), rest: 1 }, { odd: '<serialization failed: RangeError>', rest: 1 }],
    [{ get hidden (): never { throw new TypeError('no') }, rest: 1 }, { hidden: '<serialization failed: TypeError>', rest: 1 }],
    [[shared, shared], [{ a: 1 }, { a: 1 }]],
    [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')]
  ]
  for (const [value, taken] of cases) t.strictSame(made(captureValue, value), taken)
})

t.test('no payload is too large to be looked at, by its keys, items, depth or texts', async t => {
  const nested = (depth: number): unknown => { let value: unknown = 1; for (let level = 0; level < depth; level++) value = [value]; return value }
  const shapes: Array<[what: string, value: unknown, kept: (json: any) => void]> = [
    ['keys', { before: 1, many: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key${at}`, at])), after: 2 }, json => {
      t.equal(Object.keys(json.many).length, 4_097)
      t.match(json, { before: 1, many: { key4095: 4_095, '…': 'more keys' }, after: 2 })
    }],
    ['items', { before: 1, many: Array.from({ length: 300_000 }, (_, at) => at) }, json => {
      t.ok(json.many.length > 90_000 && json.many.length < 100_002)
      t.equal(json.many.filter((item: unknown) => /^… \(.*more items\)$/.test(String(item))).length, 1)
      t.equal(json.before, 1)
    }],
    ['depth', { deep: nested(1_000), after: 2 }, json => { t.match(json, { after: 2, deep: Array }) }],
    ['texts', { images: Array.from({ length: 4 }, () => 'QUJD'.repeat(750_000)), question: 'and the last?' }, json => {
      t.match(json, { images: { length: 4, 0: /^(?:QUJD)+.{0,3}… \(truncated, original size: 3000000 (?:chars|bytes)\)$/ }, question: 'and the last?' })
    }]
  ]
  const rules = { ...RULES, maxSize: 10_000_000 }
  for (const [what, value, check] of shapes) {
    const body = Buffer.from(JSON.stringify(value))
    for (const kept of [made(keepValue, value, rules), made(keepBody, body, rules)]) {
      t.comment(`${what}: ${kept.json.length} of ${body.length}`)
      check(JSON.parse(kept.json))
      t.equal(kept.sha256, sha256(kept.json))
    }
    if (what !== 'depth') t.equal(made(keepBody, body, rules).originalSize, body.length)
  }
  for (const text of ['no JSON '.repeat(1_000_000), '['.repeat(8_000_000)]) {
    const { json, originalSize } = made(keepBody, Buffer.from(text), rules)
    t.ok(json.length <= 4_194_306, 'what is no JSON')
    t.equal(originalSize, 8_000_000)
  }
  const whole = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`
  t.strictSame(made(shrinkJson, Buffer.from(whole)), undefined, 'deeper than anybody nests')
  t.equal(made(keepBody, Buffer.from('no JSON '.repeat(10_000)), rules).originalSize, 80_002, 'whole, its size is that of its JSON')
})

t.test('bytes within bounds stay as they are, and beyond them what is cut off is JSON', async t => {
  const bounds = { characters: 200, values: 12, members: 3 }
  const unit = fc.constantFrom('a', ' ', '€', '😀', '"', '\\', '\n', '\u0001', '{', '[', ',', ']')
  const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.record({ a: fc.string({ unit, maxLength: 300 }), b: fc.constant(1) }), { maxLength: 9 }))
  fc.assert(fc.property(value, fc.nat(4), (value, space) => {
    const bytes = Buffer.from(JSON.stringify(value, undefined, space))
    t.equal(made(shrinkJson, bytes), bytes)
    for (const shrunk of [JSON.parse(made(shrinkJson, bytes, bounds)!.toString()), made(captureValue, value, bounds)]) {
      const text = JSON.stringify(shrunk)
      if (text.length > 1_500) throw new Error(`${text.length} characters are left`)
      if (text.includes('\ufffd')) throw new Error('a character was cut in two')
    }
  }), { numRuns: 300 })
  for (let length = 90; length < 140; length++) {
    const text = JSON.stringify({ a: `${'x '.repeat(length / 2)}sk-abcdefghijklmnopqrstuvwxyz ${'x'.repeat(200)}`, b: 1 })
    for (const cut of [JSON.parse(made(shrinkJson, Buffer.from(text), bounds)!.toString()), made(captureValue, JSON.parse(text), bounds)] as Array<{ a: string }>) {
      t.match(cut, { a: /^x .*… \(truncated, original size: \d+ (?:chars|bytes)\)$/, b: 1 })
      if (!cut.a.includes('sk-abcdefghijklmnopqrstuvwxyz')) t.notMatch(cut.a, /sk|abc/, 'no part of a secret')
    }
  }
})

t.test('of a long conversation, how it began and what was said last are looked at', async t => {
  const messages = Array.from({ length: 60 }, (_, at) => ({ role: 'user', content: `${at} ${'word '.repeat(60_000)}` }))
  messages.push({ role: 'user', content: 'and the last?' })
  const { messages: taken } = made(captureValue, { messages }) as { messages: any[] }
  t.equal(taken[0].content, messages[0]!.content)
  t.equal(taken.at(-1).content, 'and the last?')
  t.equal(taken.at(-2).content, messages[59]!.content)
  t.match(taken.find(item => typeof item === 'string'), /^… \(\d+ more items\)$/, 'what lies between')
  t.strictSame(made(captureValue, [1, 2, 3, 4]), [1, 2, 3, 4])
})

t.test('keys are cut off too', async t => {
  const [short, one, two] = ['short', 'x'.repeat(8_000_000), 'y '.repeat(4_000_000)] as const
  const kept = made(keepValue, { [one]: 1, [two]: 2, [short]: 3 }, { ...RULES, maxSize: 100_000 })
  const members = Object.entries(JSON.parse(kept.json) as object)
  t.strictSame(members.map(([, value]) => value), [1, 2, 3])
  t.match(members.map(([key]) => key), [/^… \(key 1, original size: 8000000 chars\)$/, /^(?:y )+… \(key 2, original size: 8000000 chars\)$/, 'short'])
})

t.test('what is cut off ends with a word, and not within an escape, however long its words are', async t => {
  const bounds = { characters: 10_000, values: 12, members: 3 }
  const unit = fc.constantFrom('a', '€', '😀', '"', '\\', '\n', '\u0001')
  fc.assert(fc.property(fc.array(fc.string({ unit, minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 }), texts => {
    const long = texts.map((text, at) => `${at} ${text.repeat(12_000 / text.length)}`)
    const shrunk = JSON.parse(made(shrinkJson, Buffer.from(JSON.stringify(long)), bounds)!.toString()) as string[]
    t.equal(shrunk.length, long.length)
    for (const [at, text] of shrunk.entries()) {
      const [kept = ''] = text.split('… (truncated')
      if (!long[at]!.startsWith(kept)) throw new Error('what is kept is not how it begins')
    }
  }), { numRuns: 100 })
})

t.test('an answer is put together again, up to its limit', async t => {
  const text = new AnswerText(8)
  text.add({ text: 'Hello' })
  text.add({ reasoning: 'Hm', toolCalls: [{ key: '0', name: 'search' }] })
  text.add({ toolCalls: [{ key: '0', arguments: '{}' }, { key: '1', name: 'late' }] })
  t.strictSame(text.toValue(), { content: 'Hello', reasoning: 'Hm', tool_calls: [{ name: 's', arguments: '' }] })
  t.equal(text.length, 15)
})

const QUESTION = { model: 'm', messages: [{ role: 'user' as const, content: 'my key is sk-abcdefghijklmnopqrstuvwx and my pet is Rex' }] }

t.test('payloads are off by default; on, they are rows and nothing else', async t => {
  const answers = [json(CHAT_ANSWER), events(chatChunk({ content: 'Rex' }), chatChunk({ content: '!' }, 'stop'), DONE)]
  const ask = async (options: Parameters<typeof observedAgents>[1]): Promise<any> => {
    const agents = await observedAgents(t, options)
    const { url } = await modelProvider(t, ...answers)
    const openai = new OpenAI({ apiKey: 'x', baseURL: url, fetch: agents.telemetry.fetch })
    await agents.telemetry.run({ organizationId: 'org-1' }, async run => {
      await run.step({ id: 'step-1' }, async () => {
        await openai.chat.completions.create(QUESTION)
        await drain(await openai.chat.completions.create({ ...QUESTION, stream: true }))
      })
    })
    await agents.flush()
    t.notMatch(JSON.stringify(finishedSpans(), (_key, value: unknown) => typeof value === 'bigint' ? String(value) : value), /Rex|sk-abc/, 'not in spans')
    const rows = agents.rows.rows('provider_trace_payloads')
    return rows.map((row, at) => {
      t.match(row, { id: agents.rows.rows('provider_traces')[at]!.id, organization_id: 'org-1', step_id: 'step-1' })
      return { ...row, request: JSON.parse(row.request_json), response: JSON.parse(row.response_json) }
    })
  }
  t.strictSame(await ask({}), [])
  const [plain, streamed] = await ask({ payloads: { redact: { patterns: [/Rex/], keys: ['fingerprint'] } } })
  t.equal(plain.request.messages[0].content, 'my key is REDACTED and my pet is REDACTED')
  t.strictSame(plain.response, CHAT_ANSWER)
  t.equal(plain.response_sha256, sha256(JSON.stringify(CHAT_ANSWER)))
  t.strictSame(streamed.response, { id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06', finish_reason: 'stop', content: 'Rex!'.replace('Rex', 'REDACTED') })
  const [small] = await ask({ payloads: { maxSize: 256 } })
  t.ok(small.response_json.length <= 256 && small.request_json.length <= 256)
  t.equal(small.response_original_size, JSON.stringify(CHAT_ANSWER).length)
})

t.test('a call by hand keeps what it was given', async t => {
  const agents = await observedAgents(t, { payloads: true })
  agents.telemetry.run(run => run.step(step => step.llmCall({ provider: 'a', model: 'b', request: { q: 1, token: 'abc' } }, call => { call.end({ response: { a: 2 } }) })))
  await agents.flush()
  t.match(agents.rows.rows('provider_trace_payloads'), [{ request_json: '{"q":1,"token":"REDACTED"}', response_json: '{"a":2}' }])
})

t.test('what waits to be kept takes its room, and a call that is remembered lets go of it', async t => {
  t.ok(heldBytes({ messages: [{ content: 'x'.repeat(1_000) }, { content: new Uint8Array(500) }] }) >= 1_500)
  t.ok(heldBytes({ get hidden (): never { throw new RangeError('no') }, rest: 1 }) > 0)
  const cycle: unknown[] = ['x']
  cycle.push(cycle)
  t.ok(heldBytes(cycle) > 0, 'has an end')
  const agents = await observedAgents(t, { payloads: true })
  const step = agents.telemetry.startRun().startStep()
  const image = new Uint8Array(25_000_000)
  const calls = [1, 2].map(() => {
    const call = step.startLlmCall({ provider: 'a', model: 'b', request: { image } })
    call.end({ response: { image } })
    return call as unknown as LlmCallWork
  })
  t.equal(agents.rows.rows('provider_trace_payloads').length, 1, 'the first made room')
  await agents.flush()
  t.equal(agents.rows.rows('provider_trace_payloads').length, 2)
  for (const { progress, requestValue } of calls) t.strictSame([progress.value, progress.text, progress.body, requestValue], Array(4).fill(undefined))
})

t.test('the hash is that of the whole text, also where it is taken in parts', async t => {
  // One character of two halves at each place where a part may end.
  for (const shift of [0, 1]) {
    const text = `${'x'.repeat(shift)}${'😀'.repeat(400_000)}`
    const { json, sha256 } = made(keepValue, text, { ...RULES, maxSize: 10_000_000 })
    t.equal(JSON.parse(json), text)
    t.equal(sha256, createHash('sha256').update(json).digest('hex'))
  }
})
