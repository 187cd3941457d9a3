import fc from 'fast-check'
import t from 'tap'
import { RowEncoder } from '../../lib/store/row-encoder.ts'
import type { RunRow } from '../../lib/store/rows.ts'
import { jobRow, runRow } from './sample-rows.ts'

const encoder = new RowEncoder()
const encode = (row: object): string => encoder.encode(row as RunRow)

t.test('a row is one line of JSON, with times in seconds and 64 bits as text', async t => {
  const line = encode(runRow({ id: 'run-1', run_start_ns: 1_795_285_584_110_000_007n, created_at: 1_795_285_584_110, updated_at: 7, run_ns: 2n ** 63n, cost_usd: null }))
  t.match(JSON.parse(line), {
    id: 'run-1', run_start_ns: '1795285584.110000007', created_at: '1795285584.110', updated_at: '0.007', run_ns: '9223372036854775808', num_steps: 2, tools_used: ['tool-1', 'tool-2'], cost_usd: null, is_deleted: false
  })
  t.notMatch(line, '\n')
  t.equal(encode({ run_start_ns: null, llm_request_start_ns: undefined }), '{"run_start_ns":null,"llm_request_start_ns":null}')
})

t.test('what is absent stays absent', async t => {
  t.strictSame(Object.keys(JSON.parse(encode(jobRow({ ttft_ns: 5n, is_deleted: undefined as never })))), ['id', 'organization_id', 'updated_at', 'ttft_ns'])
  t.equal(encode({}), '{}')
  t.equal(encode({ a: undefined, b: () => {}, c: Symbol('c') }), '{}')
})

t.test('any text comes through whole, whatever is in it and however long it is', async t => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme-ascii', maxLength: 300 }), (any, ascii) => {
    const texts = [any, ascii, `${any}"\\`, `${ascii}\u007f\u2028\n`]
    const line = encode({ any, ascii, texts })
    t.strictSame(JSON.parse(line), JSON.parse(JSON.stringify({ any: any.toWellFormed(), ascii, texts: texts.map(text => text.toWellFormed()) })))
    if (line.includes('\n')) t.fail('more than one line')
  }), { numRuns: 300 })
  t.equal(encode({ half: 'a\ud800' }), '{"half":"a\ufffd"}')
})

t.test('all else is as JSON has it', async t => {
  const row = { number: 1.5e300, minus: -0, none: Number.NaN, all: Number.POSITIVE_INFINITY, yes: true, no: false, nothing: null, list: [1, undefined, [null, 'x']], map: { a: ['b'] }, date: new Date(0), 'a "name"': 1 }
  t.equal(encode(row), JSON.stringify(row))
  t.equal(encode({ list: [1n, 'a\udc00'] }), '{"list":["1","a\ufffd"]}')
  const circle: Record<string, unknown> = {}
  circle['circle'] = circle
  t.throws(() => encode({ circle }), TypeError)
})
