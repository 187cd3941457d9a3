import fc from 'fast-check'
import t from 'tap'
import { redactJson, redactString, redactionRules } from '../../lib/redaction/redact-json.ts'

const RULES = redactionRules(['pin', 'Home-Address'], [/\b\d{4}-\d{4}\b/])

t.test('keys, in any spelling and depth', async t => {
  const value = { apiKey: 'a', list: [{ 'x-api-key': 1, Authorization: { scheme: 'b' }, homeAddress: 'c', PIN: '1', max_tokens: 5, token: null, secret: true }] }
  t.strictSame(redactJson(value, RULES), {
    apiKey: 'REDACTED', list: [{ 'x-api-key': 'REDACTED', Authorization: 'REDACTED', homeAddress: 'REDACTED', PIN: 'REDACTED', max_tokens: 5, token: null, secret: true }]
  })
})

t.test('plurals are secrets, and counts are none', async t => {
  const usage = { max_tokens: 5, input_tokens: 1, total_tokens: 2, prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 4 }, author: 'a', keyboard: 'k' }
  t.strictSame(redactJson(usage, RULES), usage)
  t.strictSame(redactJson({ tokens: ['a'], apiKeys: { a: 'b' }, passwords: 'c', secretAccessKey: 'd', pwd: 1 }, RULES),
    { tokens: 'REDACTED', apiKeys: 'REDACTED', passwords: 'REDACTED', secretAccessKey: 'REDACTED', pwd: 'REDACTED' })
  t.equal(redactString('{"max_tokens": 5, "tokens": "abc", "pwd": 12, "cut', RULES), '{"max_tokens": 5, "tokens": "REDACTED", "pwd": "REDACTED", "cut')
})

t.test('names and passwords of URLs', async t => {
  t.equal(redactString('connect postgres://app:hunter2@db:5432/x failed', RULES), 'connect postgres://REDACTED:REDACTED@db:5432/x failed')
  t.equal(redactString('a redis://:p@ss;w@db b', RULES), 'a redis://REDACTED:REDACTED@db b')
  t.equal(redactString('https://ghtoken@github.com/a?x=1', RULES), 'https://REDACTED@github.com/a?x=1')
  t.strictSame(redactJson({ DATABASE_URL: 'postgres://app:hunter2@db/x' }, RULES), { DATABASE_URL: 'postgres://REDACTED:REDACTED@db/x' })
  for (const text of ['http://a/b@c', 'http://a?mail=b@c', 'http://a#b@c', 'mail a@b.example', 'http://a, b@c']) t.equal(redactString(text, RULES), text)
})

t.test('forms, wherever they stand', async t => {
  for (const secret of [
    'sk-proj-abcdefghijklmnop1234', 'ghp_abcdefghijklmnopqrst1234', 'xoxb-1234567890-abc', 'AKIAIOSFODNN7EXAMPLE', `AIza${'x'.repeat(35)}`,
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk', 'Bearer abcdefghijklmnopqrstu', '1234-5678',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----'
  ]) t.equal(redactString(`before ${secret} after`, RULES), 'before REDACTED after', secret)
  t.equal(redactString('ask http://a/b?token=abc&x=1 now', RULES), 'ask http://a/b?token=REDACTED&x=1 now')
  for (const text of ['sky-blue', 'a task-list', 'Basic English', 'see eyJ']) t.equal(redactString(text, RULES), text)
})

t.test('JSON within text, whole or cut off', async t => {
  t.equal(redactString('{"password": "x", "n": 1}', RULES), '{"password":"REDACTED","n":1}')
  t.equal(redactString('{"n":  1}', RULES), '{"n":  1}', 'untouched where nothing is secret')
  t.equal(redactString('{"a": [1, {"password": "hunt', RULES), '{"a": [1, {"password": "REDACTED"')
  t.equal(redactString('[{"pin": 12345, "b": "c\\"', RULES), '[{"pin": "REDACTED", "b": "c\\"')
  t.equal(redactString(JSON.stringify({ inner: JSON.stringify({ secret: 'x' }) }), RULES), JSON.stringify({ inner: JSON.stringify({ secret: 'REDACTED' }) }))
})

t.test('a secret never survives, and what is not secret stays', async t => {
  const secret = 'S3CR3T'
  const tree = fc.letrec<{ node: unknown }>(tie => ({
    node: fc.oneof({ depthSize: 'small' }, fc.constantFrom(1, null, 'plain'), fc.array(tie('node'), { maxLength: 3 }),
      fc.record({ password: fc.constant(secret), other: tie('node') }), fc.record({ arguments: tie('node').map(value => JSON.stringify({ secret, value })) }))
  })).node
  fc.assert(fc.property(tree, value => {
    const text = JSON.stringify(redactJson(value, RULES))
    if (text.includes(secret)) throw new Error(text)
  }))
  fc.assert(fc.property(fc.array(fc.oneof(fc.integer(), fc.constantFrom('a b', 'text', true, null))), value => { t.strictSame(redactJson(value, RULES), value) }))
})

t.test('time grows with the text, whatever is in it', async t => {
  for (const part of ['eyJ-', 'sk-', '"a":', '{"', 'Bearer ', '-----BEGIN PRIVATE KEY-----', 'http://', 'AKIA', '\\"', '[', 'a://', '@', 'a:@', '://a@']) {
    const text = part.repeat(200_000 / part.length)
    const begun = performance.now()
    redactString(text, RULES)
    redactString(`{${text}`, RULES)
    const took = performance.now() - begun
    t.ok(took < 1_000, `${part}: ${took.toFixed()} ms`)
  }
})

t.test('nesting without end', async t => {
  let deep: unknown = 'x'
  for (let n = 0; n < 2_000; n++) deep = [deep]
  t.match(JSON.stringify(redactJson(deep, RULES)), /nested too deep/)
})
