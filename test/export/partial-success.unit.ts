import fc from 'fast-check'
import t from 'tap'
import { readPartialSuccess } from '../../lib/export/partial-success.ts'
import { encode } from './otlp-messages.ts'

t.test('reads the count and the message', async t => {
  t.strictSame(readPartialSuccess(encode('Response', {})), { rejected: 0, message: '' })
  t.strictSame(readPartialSuccess(encode('Response', { partialSuccess: {} })), { rejected: 0, message: '' })
  t.strictSame(readPartialSuccess(encode('Response', { partialSuccess: { rejected: 300, errorMessage: 'né' } })), { rejected: 300, message: 'né' })
})

t.test('passes over fields that it does not know', async t => {
  const bytes = Uint8Array.from([0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1d, 1, 2, 3, 4, 0x20, 5, 0x2a, 1, 9, 0x0a, 4, 0x08, 3, 0x1a, 0])
  t.strictSame(readPartialSuccess(bytes), { rejected: 3, message: '' })
})

t.test('what is no such message says nothing', async t => {
  for (const text of ['<html>no</html>', '{"partialSuccess":{"rejectedSpans":1}}', '\x0a\x05', '\xff'.repeat(30)]) {
    t.strictSame(readPartialSuccess(Buffer.from(text, 'latin1')), { rejected: 0, message: '' })
  }
  fc.assert(fc.property(fc.uint8Array(), bytes => readPartialSuccess(bytes).rejected >= 0))
})
