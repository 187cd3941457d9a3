import fc from 'fast-check'
import t from 'tap'
import { composeRequest } from '../../lib/export/compose-request.ts'
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
