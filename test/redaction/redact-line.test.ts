import fc from 'fast-check'
import t from 'tap'
import { redactLine, redactText } from '../../lib/redaction/redact-line.ts'
import { SECRET_QUERY_KEYS } from '../../lib/vocabulary/secrets.ts'

const keys = new Set(SECRET_QUERY_KEYS)
const names = { messageKey: 'msg', errorKey: 'err' }

function redacted (fields: Record<string, unknown>): Record<string, unknown> {
  redactLine(fields, names, keys)
  return fields
}

t.test('what Fastify writes of a request', async t => {
  t.strictSame(redacted({ req: { method: 'GET', url: '/a?TOKEN=hidden&page=2' }, msg: 'incoming request' }),
    { req: { method: 'GET', url: '/a?TOKEN=REDACTED&page=2' }, msg: 'incoming request' })
  t.strictSame(redacted({ msg: 'Route GET:/a?page=2&token=hidden not found' }), { msg: 'Route GET:/a?page=2&token=REDACTED not found' })
})

t.test('a request line with a whole URL keeps no user', async t => {
  t.strictSame(redacted({ req: { url: 'http://user:p@ss@example.com/a?token=hidden' }, msg: 'Route GET:http://user:p@ss@example.com/a not found' }), {
    req: { url: 'http://REDACTED:REDACTED@example.com/a?token=REDACTED' }, msg: 'Route GET:http://REDACTED:REDACTED@example.com/a not found'
  })
  t.equal(redactText('from http://example.com/?token=hidden to http://user@example.com/', keys), 'from http://example.com/?token=REDACTED to http://REDACTED@example.com/')
  for (const plain of ['//a@b/c', 'http://example.com/@scope/x', 'mail a@b', 'at file:///a/@scope/b.js:1:2']) {
    t.strictSame(redacted({ req: { url: plain }, msg: plain }), { req: { url: plain }, msg: plain })
  }
})

t.test('errors that name a URL', async t => {
  const message = 'no answer from https://example.com/v1?api_key=hidden within 5 s'
  t.strictSame(redacted({ err: { message, stack: `Error: ${message}\n    at a.js?v=1:2:3`, code: 'E' } }), {
    err: {
      message: 'no answer from https://example.com/v1?api_key=REDACTED within 5 s',
      stack: 'Error: no answer from https://example.com/v1?api_key=REDACTED within 5 s\n    at a.js?v=1:2:3',
      code: 'E'
    }
  })
})

t.test('errors within errors', async t => {
  const inner = (message: string): object => ({ type: 'Error', message: `at /a?token=${message}`, stack: `Error: at /a?token=${message}` })
  const errors = (message: string): object => ({
    err: { ...inner(message), aggregateErrors: [{ ...inner(message), aggregateErrors: [inner(message), null, 'text'] }], cause: { ...inner(message), cause: inner(message) } }
  })
  t.strictSame(redacted(errors('hidden') as Record<string, unknown>), errors('REDACTED'))
})

t.test('a query after ; or #, without ?', async t => {
  t.equal(redactText('Route GET:/a;token=hidden not found', keys), 'Route GET:/a;token=REDACTED not found')
  t.equal(redactText('see /a#token=hidden', keys), 'see /a#token=REDACTED')
  t.equal(redactText('see https://example.com/#/route?token=hidden', keys), 'see https://example.com/#/route?token=REDACTED')
})

t.test('other names of message and error', async t => {
  const fields = { message: '/?token=a', error: { message: '/?token=b' }, msg: '/?token=c' }
  redactLine(fields, { messageKey: 'message', errorKey: 'error' }, keys)
  t.strictSame(fields, { message: '/?token=REDACTED', error: { message: '/?token=REDACTED' }, msg: '/?token=c' })
})

t.test('fields of any type', async t => {
  for (const value of [null, 7, true, 'text', [], { url: 7 }, { message: 7 }]) {
    const fields = { req: value, err: value, msg: value }
    t.strictSame(redacted(structuredClone(fields)), fields)
  }
})

t.test('text without a secret stays', async t => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => text.includes('=') || redactText(text, keys) === text))
  t.equal(redactText(' why?\n\ttoken = 1 ', keys), ' why?\n\ttoken = 1 ')
})

t.test('a long text takes time in proportion', async t => {
  const start = performance.now()
  redactText(`?${'a'.repeat(2_000_000)}`, keys)
  redactText('? '.repeat(500_000), keys)
  redactText('@'.repeat(1_000_000) + '://'.repeat(300_000), keys)
  t.ok(performance.now() - start < 5_000)
})
