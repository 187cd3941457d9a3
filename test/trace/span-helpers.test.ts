import { trace } from '@opentelemetry/api'
import t from 'tap'
import { getTraceId, logAttributes, logEvent } from '../../lib/trace/span-helpers.ts'
import { traceMethod } from '../../lib/trace/trace-method.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { recordSpans } from './recorded-spans.ts'

useEnvironment({})

t.test('outside a span nothing happens', t => {
  logEvent('nothing')
  logAttributes({ a: 1 })
  t.equal(getTraceId(), undefined)
  t.end()
})

t.test('inside one', async t => {
  const spans = recordSpans(t)
  let traceId: string | undefined
  traceMethod(() => {
    traceId = getTraceId()
    logAttributes({ text: 'x', number: 1, flag: true, list: ['a'], object: { b: 2 }, nothing: null, missing: undefined, apiKey: 'S3CR3T' })
    logEvent('tool rejected', { tool: 'search', arguments: { q: [1] }, error: new RangeError('far'), big: 1n, token: 'S3CR3T' })
    logEvent('bare')
  })()
  const [span] = await spans()
  t.match(traceId, /^[0-9a-f]{32}$/)
  t.equal(traceId, span!.traceId)
  t.strictSame(span!.attributes, { text: 'x', number: 1, flag: true, list: '["a"]', object: '{"b":2}', apiKey: 'REDACTED' })
  t.strictSame(span!.events.map(({ name, attributes }) => ({ name, attributes })), [
    { name: 'tool rejected', attributes: { tool: 'search', arguments: '{"q":[1]}', error: 'RangeError: far', big: '1', token: 'REDACTED' } },
    { name: 'bare', attributes: {} }
  ])
})

t.test('never a throw', async t => {
  const spans = recordSpans(t)
  const trap = new Proxy({}, { ownKeys () { throw new Error('trap') } })
  traceMethod(() => {
    logEvent('a', trap)
    logAttributes(trap)
    logAttributes(null as never)
    logEvent(undefined as never, { get x () { throw new Error('getter') } })
  })()
  t.match(await spans(), [{ status: { code: 'OK' } }])
})

t.test('a span that is not recorded costs no serialization', t => {
  recordSpans(t, {}, { OTEL_TRACES_SAMPLER: 'always_off' })
  const value = { toJSON () { throw t.fail('nobody asked') } }
  trace.getTracer('x').startActiveSpan('unsampled', span => {
    logEvent('a', { value })
    logAttributes({ value })
    t.match(getTraceId(), /^[0-9a-f]{32}$/, 'but it has a trace')
    span.end()
  })
  t.end()
})
