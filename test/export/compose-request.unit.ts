import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { composeRequest } from '../../lib/export/compose-request.ts'
import { splitRequest, withoutFirst } from '../../lib/export/split-request.ts'
import { decode, encode } from './otlp-messages.ts'
import { RESOURCE, spans } from './parcels.ts'

t.test('fragments of one scope become one ScopeSpans, in order', async t => {
  const request = decode('TracesRequest', composeRequest(RESOURCE, [spans(['1', '2'], 'a'), spans(['3'], 'b'), spans(['4'], 'a')]))
  t.strictSame(request, {
    resourceSpans: [{
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'carried' } }] },
      scopeSpans: [
        { scope: { name: 'a' }, spans: [{ name: '1' }, { name: '2' }, { name: '4' }] },
        { scope: { name: 'b' }, spans: [{ name: '3' }] }
      ]
    }]
  })
})

t.test('a schema URL belongs to its scope', async t => {
  const scope = encode('ScopeSpans', { scope: { name: 'a' }, schemaUrl: 'https://example.com/1' })
  const request = decode('TracesRequest', composeRequest(RESOURCE, [{ ...spans(['1']), scope }, spans(['2'], 'a')]))
  t.strictSame(request.resourceSpans[0].scopeSpans.map(({ schemaUrl, spans }: any) => [schemaUrl, spans.length]), [['https://example.com/1', 1], [undefined, 1]])
})

t.test('logs have the same shape', async t => {
  const scope = encode('ScopeLogs', { scope: { name: 'a' } })
  const items = encode('ScopeLogs', { logRecords: [{ severityText: 'info' }] })
  const request = decode('LogsRequest', composeRequest(RESOURCE, [{ scope, items }, { scope, items }]))
  t.strictSame(request.resourceLogs[0].scopeLogs, [{ scope: { name: 'a' }, logRecords: [{ severityText: 'info' }, { severityText: 'info' }] }])
})

t.test('without anything it is still a request', async t => {
  t.strictSame(decode('TracesRequest', composeRequest(new Uint8Array(), [])), { resourceSpans: [{ resource: {} }] })
})

t.test('whatever the sizes, everything is in it once', async () => {
  const fragment = fc.record({ scope: fc.string({ maxLength: 300 }), names: fc.array(fc.string({ maxLength: 20_000, size: 'max' }), { maxLength: 4 }) })
  fc.assert(fc.property(fc.array(fragment, { maxLength: 8 }), fragments => {
    const bytes = composeRequest(RESOURCE, fragments.map(({ scope, names }) => spans(names, scope)))
    const { scopeSpans = [] } = decode('TracesRequest', bytes).resourceSpans[0]
    const actual = new Map<string, string[]>(scopeSpans.map((one: any) => [one.scope.name ?? '', (one.spans ?? []).map(({ name }: any) => name ?? '')]))
    const expected = new Map<string, string[]>()
    for (const { scope, names } of fragments) expected.set(wellFormed(scope), [...expected.get(wellFormed(scope)) ?? [], ...names.map(wellFormed)])
    return JSON.stringify([...actual]) === JSON.stringify([...expected])
  }), { numRuns: 60 })
})

function wellFormed (text: string): string {
  return Buffer.from(text).toString()
}

t.test('a request is split where about half of its bytes are, and the parts say the same as the whole', async () => {
  const span = fc.record({ name: fc.string({ maxLength: 200 }), startTimeUnixNano: fc.constant('1') })
  const scopes = fc.array(fc.record({ scope: fc.record({ name: fc.string() }), spans: fc.array(span, { maxLength: 5 }), schemaUrl: fc.string() }), { maxLength: 4 })
  const requests = fc.array(fc.record({ resource: fc.constant({ droppedAttributesCount: 1 }), scopeSpans: scopes, schemaUrl: fc.string() }), { maxLength: 3 })
  const spansOf = (body: Uint8Array): unknown[] => (decode('TracesRequest', body).resourceSpans ?? []).flatMap(({ scopeSpans = [], ...resource }: any) =>
    scopeSpans.flatMap(({ spans = [], ...scope }: any) => spans.map((span: any) => ({ ...resource, ...scope, ...span }))))
  fc.assert(fc.property(requests, resourceSpans => {
    const body = encode('TracesRequest', { resourceSpans })
    const all = spansOf(body)
    const parts = splitRequest({ signal: 'traces', count: all.length, body })
    if (all.length < 2) return parts === undefined
    const [first, second] = parts!.map(part => spansOf(part.body))
    const rest = withoutFirst({ signal: 'traces', count: all.length, body }, first!.length)!
    if (!isDeepStrictEqual(rest, parts![1])) return false
    return isDeepStrictEqual([...first!, ...second!], all) && parts![0].count === first!.length && parts![1].count === second!.length && first!.length > 0 && second!.length > 0
  }))
})

t.test('parts of a request of metrics are counted by their points; what is no request is not split', async t => {
  const metric = (points: number): object => ({ name: 'm', sum: { dataPoints: Array.from({ length: points }, (_, n) => ({ asInt: n })) } })
  const body = encode('MetricsRequest', { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric(3), metric(4)] }] }] })
  t.match(splitRequest({ signal: 'metrics', count: 7, body }), [{ count: 3 }, { count: 4 }])
  t.match(splitRequest({ signal: 'metrics', count: 2, body }), [{ count: 2 }, { count: 0 }], 'never more than were taken')
  for (const count of [7, 2]) {
    const [first, second] = splitRequest({ signal: 'metrics', count, body })!
    t.strictSame(withoutFirst({ signal: 'metrics', count, body }, first.count), second)
  }
  t.equal(withoutFirst({ signal: 'metrics', count: 7, body }, 7), undefined, 'nothing is left')
  t.equal(splitRequest({ signal: 'traces', count: 2, body: Buffer.from('no request') }), undefined)
  t.equal(withoutFirst({ signal: 'traces', count: 2, body: Buffer.from('no request') }, 1), undefined)
})

t.test('items of no bytes are split by their number, until one is left', async t => {
  const body = encode('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans: [{}, {}, {}] }] }] })
  const [first, second] = splitRequest({ signal: 'traces', count: 3, body })!
  t.match([first, second], [{ count: 1 }, { count: 2 }])
  t.equal(splitRequest(first), undefined)
  t.match(splitRequest(second), [{ count: 1 }, { count: 1 }])
})
