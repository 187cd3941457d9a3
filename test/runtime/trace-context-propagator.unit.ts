import { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter, trace, type SpanContext } from '@opentelemetry/api'
import fc from 'fast-check'
import t from 'tap'
import { TraceContextPropagator } from '../../lib/runtime/trace-context-propagator.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const PARENT = `00-${TRACE}-${SPAN}-01`

const propagator = new TraceContextPropagator()

function extract (headers: Record<string, string | string[]>): SpanContext | undefined {
  return trace.getSpanContext(propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter))
}

function inject (spanContext: SpanContext): Record<string, string> {
  const headers: Record<string, string> = {}
  propagator.inject(trace.setSpanContext(ROOT_CONTEXT, spanContext), headers, defaultTextMapSetter)
  return headers
}

const state = (tracestate: string | string[], traceparent = PARENT): string | undefined => extract({ traceparent, tracestate })?.traceState?.serialize()

t.test('a caller\'s context is read', async t => {
  t.strictSame(extract({ traceparent: PARENT }), { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true })
  t.equal(extract({ traceparent: `00-${TRACE}-${SPAN}-00` })?.traceFlags, 0)
  t.equal(state('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'), 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE')
  t.strictSame(propagator.fields(), ['traceparent', 'tracestate'])
})

t.test('of the flags only "sampled" is known to level 1', async t => {
  t.equal(extract({ traceparent: `00-${TRACE}-${SPAN}-ff` })?.traceFlags, 1)
  t.equal(extract({ traceparent: `00-${TRACE}-${SPAN}-fe` })?.traceFlags, 0)
  t.equal(inject(extract({ traceparent: `00-${TRACE}-${SPAN}-ff` })!)['traceparent'], PARENT)
})

t.test('a future version is read as far as it is known', async t => {
  for (const traceparent of [`01-${TRACE}-${SPAN}-01`, `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, `fe-${TRACE}-${SPAN}-01-`]) {
    t.match(extract({ traceparent }), { traceId: TRACE, spanId: SPAN, traceFlags: 1 }, traceparent)
    t.equal(inject(extract({ traceparent })!)['traceparent'], PARENT)
  }
})

t.test('a traceparent that breaks a rule is none, and its tracestate neither', async t => {
  const broken = {
    'version ff': `ff-${TRACE}-${SPAN}-01`,
    'version 00 with more behind it': `${PARENT}-extra`,
    'version 00 with a hyphen behind it': `${PARENT}-`,
    'future version with more, not parted': `01-${TRACE}-${SPAN}-01.extra`,
    'trace id of zeros': `00-${'0'.repeat(32)}-${SPAN}-01`,
    'span id of zeros': `00-${TRACE}-${'0'.repeat(16)}-01`,
    'upper case trace id': `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    'upper case span id': `00-${TRACE}-${SPAN.toUpperCase()}-01`,
    'upper case version': `0A-${TRACE}-${SPAN}-01`,
    'upper case flags': `00-${TRACE}-${SPAN}-0A`,
    'short trace id': `00-${TRACE.slice(1)}-${SPAN}-01`,
    'long trace id': `00-${TRACE}a-${SPAN}-01`,
    'short span id': `00-${TRACE}-${SPAN.slice(1)}-01`,
    'short flags': `00-${TRACE}-${SPAN}-1`,
    'long flags': `00-${TRACE}-${SPAN}-001`,
    'short version': `0-${TRACE}-${SPAN}-01`,
    'no version': `${TRACE}-${SPAN}-01`,
    'not hexadecimal': `00-${TRACE.replace('a', 'g')}-${SPAN}-01`,
    'other separators': PARENT.replaceAll('-', '_'),
    empty: ''
  }
  for (const [why, traceparent] of Object.entries(broken)) t.equal(extract({ traceparent, tracestate: 'a=1' }), undefined, why)
  t.equal(extract({ tracestate: 'a=1' }), undefined, 'missing')
})

t.test('two traceparent headers are no valid one', async t => {
  t.equal(extract({ traceparent: [PARENT, PARENT] }), undefined)
  t.equal(extract({ traceparent: `${PARENT}, ${PARENT}` }), undefined, 'as Node joins them')
  t.equal(extract({ traceparent: [] }), undefined)
  t.match(extract({ traceparent: [PARENT] }), { traceId: TRACE })
})

t.test('without a valid traceparent the context given is the one returned', async t => {
  t.equal(propagator.extract(ROOT_CONTEXT, {}, defaultTextMapGetter), ROOT_CONTEXT)
  t.equal(propagator.extract(ROOT_CONTEXT, { traceparent: 'x' }, defaultTextMapGetter), ROOT_CONTEXT)
})

t.test('tracestate headers are one list, empty members left out', async t => {
  t.equal(state(['a=1,b=2', 'c=3']), 'a=1,b=2,c=3')
  t.equal(state('a=1, ,\tb=2 ,,'), 'a=1,b=2')
  t.equal(state(''), undefined)
  t.equal(state(' , '), undefined)
})

t.test('a tracestate that breaks a rule is dropped whole; its traceparent stays', async t => {
  const many = Array.from({ length: 33 }, (_, n) => `k${n}=v`).join(',')
  const broken = {
    'upper case key': 'Foo=1',
    'key that begins with a digit': '1a=1',
    'key of 257 characters': `${'a'.repeat(257)}=1`,
    'tenant of 242 characters': `${'t'.repeat(242)}@v=1`,
    'system of 15 characters': `t@${'v'.repeat(15)}=1`,
    'empty tenant': '@v=1',
    'empty system': 't@=1',
    'two at signs': 't@v@w=1',
    'key with a space': 'a b=1',
    'key with a dot': 'a.b=1',
    'space before =': 'a =1',
    'no =': 'a',
    'empty key': '=1',
    'empty value': 'a=',
    'value with =': 'a=b=c',
    'value of 257 characters': `a=${'v'.repeat(257)}`,
    'value with a tab': 'a=b\tc',
    'value that is not ASCII': 'a=é',
    'control character': 'a=b\u0007',
    'the same key twice': 'a=1,a=1',
    'the same key twice, other values': 'a=1,b=2,a=3',
    '33 members': many
  }
  for (const [why, tracestate] of Object.entries(broken)) {
    t.match(extract({ traceparent: PARENT, tracestate: `ok=1,${tracestate}` }), { traceId: TRACE, traceState: undefined }, why)
    t.equal(state(tracestate), undefined, `${why}, alone`)
  }
})

t.test('a tracestate at the limits of every rule is kept', async t => {
  const members = Array.from({ length: 32 }, (_, n) => `k${n}=v`).join(',')
  for (const tracestate of [`${'a'.repeat(256)}=1`, `1${'t'.repeat(240)}@${'v'.repeat(14)}=1`, `a=${'v'.repeat(256)}`, 'a=  !"#$%&\'()*+-./:;<>?@[]^_`{|}~', 'a*_-/0=1', members]) {
    t.equal(state(tracestate), tracestate)
  }
})

const hex = (length: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const id = (length: number): fc.Arbitrary<string> => hex(length).filter(text => !/^0+$/.test(text))
const key = fc.stringMatching(/^[a-z][a-z0-9_\-*/]{0,10}$/)
const member = fc.tuple(key, fc.stringMatching(/^[!-+\-.-<>-~]{1,5}$/))

t.test('valid headers come out as they went in', async t => {
  fc.assert(fc.property(id(32), id(16), fc.boolean(), fc.uniqueArray(member, { selector: ([name]) => name, minLength: 1, maxLength: 20 }), (traceId, spanId, sampled, members) => {
    const traceparent = `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`
    const tracestate = members.map(pair => pair.join('=')).join(',')
    const given = { traceparent, tracestate }
    return JSON.stringify(inject(extract(given)!)) === JSON.stringify(given)
  }))
  t.pass()
})

t.test('nothing that a client sends makes it throw, and what is taken is valid', async t => {
  const nearly = fc.tuple(hex(2), fc.oneof(hex(32), fc.string()), fc.oneof(hex(16), fc.string()), hex(2), fc.string()).map(([version, traceId, spanId, flags, rest]) => `${version}-${traceId}-${spanId}-${flags}${rest}`)
  const header = fc.option(fc.oneof(fc.string({ unit: 'binary' }), nearly, fc.constant(PARENT), fc.array(fc.oneof(fc.string(), nearly))), { nil: undefined })
  const states = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string()), fc.array(member).map(all => all.map(pair => pair.join('=')).join(','))), { nil: undefined })
  fc.assert(fc.property(header, states, (traceparent, tracestate) => {
    const found = extract({ ...(traceparent !== undefined && { traceparent }), ...(tracestate !== undefined && { tracestate }) })
    if (found === undefined) return true
    return /^[0-9a-f]{32}$/.test(found.traceId) && /^[0-9a-f]{16}$/.test(found.spanId) && (found.traceFlags === 0 || found.traceFlags === 1) && found.isRemote === true
  }), { numRuns: 2_000 })
  t.pass()
})

t.test('spaces cost nothing, however many there are', async t => {
  const tracestate = `a${' '.repeat(16_000)}b`
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    t.equal(state(tracestate), undefined)
    return performance.now() - start
  })
  // An expression that looks for spaces at the end tries each of them: that took 180 ms.
  t.ok(Math.min(...times) < 20, `${Math.min(...times)} ms`)
  t.equal(state(`a=1,${'b=2,'.repeat(10_000)}`), undefined, 'nor does a header that is too long')
})
