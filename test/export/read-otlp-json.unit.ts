import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { loadOtlpJson } from '../../lib/export/otlp-json.ts'
import { loadReadOtlpJson } from '../../lib/export/read-otlp-json.ts'
import { SIGNALS } from '../../lib/export/parcel.ts'
import { sampleRequests } from '../backend/sample-requests.ts'

const readJson = await loadReadOtlpJson()
const writeJson = await loadOtlpJson()

t.test("a span of the SDK's is the same protobuf in whichever encoding it was", async t => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter } as any)] })
  const span = provider.getTracer('t').startSpan('n', { attributes: { a: 'é', b: [1, 2.5], c: true } })
  span.addEvent('e')
  span.end()
  const spans = exporter.getFinishedSpans()
  const json = Buffer.from(JsonTraceSerializer.serializeRequest(spans)!).toString()
  t.strictSame(JSON.parse(writeJson('traces', readJson('traces', json))), JSON.parse(writeJson('traces', ProtobufTraceSerializer.serializeRequest(spans)!)))
})

t.test('what was read is written again', async t => {
  for (const signal of SIGNALS) t.match(JSON.parse(writeJson(signal, readJson(signal, JSON.stringify(sampleRequests()[signal])))), matchable(sampleRequests(0)[signal], signal))
})

/** Names of fields are enough: numbers and texts stand for each other. */
function matchable (request: object, signal: string): object {
  return { [Object.keys(request)[0]!]: [{ resource: { attributes: Array }, schemaUrl: 'u', [`scope${signal === 'traces' ? 'Spans' : signal === 'logs' ? 'Logs' : 'Metrics'}`]: Array }] }
}

t.test('unknown fields and null are left out, numbers may be texts', async t => {
  const json = '{"new":1,"resourceSpans":[{"scopeSpans":[{"__proto__":{},"scope":null,"spans":[{"kind":2,"name":"n","startTimeUnixNano":"7","flags":"257","constructor":1}]}]}]}'
  t.match(JSON.parse(writeJson('traces', readJson('traces', json))), { resourceSpans: [{ scopeSpans: [{ spans: [{ kind: 2, name: 'n', startTimeUnixNano: '7', flags: 257 }] }] }] })
  const doubles = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asDouble":"NaN"},{"asDouble":"-Infinity"},{"asDouble":"1.5"}]}}]}]}]}'
  t.match(writeJson('metrics', readJson('metrics', doubles)), /"asDouble":"NaN".*"asDouble":"-Infinity".*"asDouble":1.5/)
})

t.test('values of other types are refused', async t => {
  const span = (fields: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`
  for (const fields of ['"name":1', '"kind":"SPAN"', '"kind":1.5', '"kind":4294967296', '"startTimeUnixNano":"-1"', '"startTimeUnixNano":"1e9"', '"startTimeUnixNano":"99999999999999999999"', '"traceId":"0"',
    '"traceId":5', '"attributes":{}', '"attributes":[1]', '"status":[]', '"attributes":[{"key":"k","value":{"bytesValue":"*"}}]', '"attributes":[{"key":"k","value":{"boolValue":"true"}}]',
    '"attributes":[{"key":"k","value":{"doubleValue":""}}]', '"attributes":[{"key":"k","value":{"doubleValue":true}}]']) {
    t.throws(() => readJson('traces', span(fields)), TypeError, fields)
  }
  t.throws(() => readJson('traces', '{'), SyntaxError)
})
