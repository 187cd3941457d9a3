import { createHash } from 'node:crypto'
import fc from 'fast-check'
import OpenAI from 'openai'
import t from 'tap'
import { AnswerText } from '../../lib/agent/answer-text.ts'
import { keepAnswerText, keepAssembled, keepBody, keepValue } from '../../lib/agent/payload.ts'
import { redactionRules } from '../../lib/redaction/redact-json.ts'
import { finishedSpans } from '../../lib/testing.ts'
import { CHAT_ANSWER, DONE, chatChunk, events, json, modelProvider } from './model-provider.ts'
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
  t.equal(made(keepValue, cycle, RULES).json, '"<serialization failed: object>"')
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

function made<Args extends unknown[], Result> (keep: (...args: Args) => Generator<unknown, Result>, ...args: Args): Result {
  const making = keep(...args)
  for (;;) {
    const { done, value } = making.next()
    if (done === true) return value
  }
}
