import { INVALID_SPAN_CONTEXT, trace, type Attributes } from '@opentelemetry/api'
import t from 'tap'
import { resolveOptions } from '../../lib/options.ts'
import type { Outcome } from '../../lib/request/outcome.ts'
import type { RequestRecord } from '../../lib/request/request-record.ts'
import { SeriesDurationRecorder } from '../../lib/request/series-duration-recorder.ts'
import type { CounterSeries, HistogramSeries, SeriesInstrument, SeriesMeter } from '../../lib/request/series-instruments.ts'

/** Writes down what it is asked for and what is recorded. */
class NotingMeter implements SeriesMeter {
  generation = 0
  asked: Attributes[] = []
  recorded: Array<[name: string, attributes: Attributes, value: number]> = []

  histogram ({ name }: { name: string }): SeriesInstrument<HistogramSeries> {
    return this.#instrument(attributes => ({ record: value => { this.recorded.push([name, attributes, value]) } }))
  }

  counter ({ name }: { name: string }): SeriesInstrument<CounterSeries> {
    return this.#instrument(attributes => ({ add: value => { this.recorded.push([name, attributes, value]) } }))
  }

  #instrument<Series> (create: (attributes: Attributes) => Series): SeriesInstrument<Series> {
    return {
      series: attributes => {
        this.asked.push(attributes)
        return create(attributes)
      }
    }
  }
}

const { request: options } = resolveOptions({}, {})
const FACTS = { method: 'GET', route: '/agents', measured: true, endpointMeasured: true }
const OK: Outcome = { statusCode: 200, errorType: undefined, exception: undefined }
const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

function recordWith (changes: Record<string, unknown> = {}): RequestRecord {
  return {
    facts: FACTS, span, adopted: false, scheme: 'http', ambient: { attributes: {} }, request: { raw: { httpVersion: '1.1' } }, reply: undefined, switchedStatus: undefined, ...changes
  } as unknown as RequestRecord
}

function recorder (): { meter: NotingMeter, durations: SeriesDurationRecorder } {
  const meter = new NotingMeter()
  return { meter, durations: new SeriesDurationRecorder(meter, options) }
}

t.test('attributes are put together for the first request of a kind', async t => {
  const { meter, durations } = recorder()
  for (let request = 0; request < 5; request++) durations.record(recordWith(), OK, 1e9)
  t.equal(meter.asked.length, 3)
  t.equal(meter.recorded.length, 15)
  const endpoint = { endpoint_path: '/agents', method: 'GET', status_code: 200 }
  t.strictSame(meter.recorded.slice(-3), [
    ['http.server.request.duration', { 'http.request.method': 'GET', 'url.scheme': 'http', 'network.protocol.version': '1.1', 'http.route': '/agents', 'http.response.status_code': 200 }, 1],
    ['count_endpoint_requests', endpoint, 1],
    ['hist_endpoint_e2e_ms', endpoint, 1_000]
  ])
})

t.test('whatever tells two requests apart makes series of their own', async t => {
  const { meter, durations } = recorder()
  const kinds: ReadonlyArray<[RequestRecord, Outcome]> = [
    [recordWith(), OK],
    [recordWith({ facts: { ...FACTS, method: 'POST' } }), OK],
    [recordWith({ facts: { ...FACTS, route: undefined } }), { ...OK, statusCode: 404 }],
    [recordWith(), { ...OK, statusCode: undefined }],
    [recordWith(), { ...OK, statusCode: 500 }],
    [recordWith(), { ...OK, statusCode: 500, errorType: 'TypeError' }],
    [recordWith({ scheme: 'https' }), OK],
    [recordWith({ request: { raw: { httpVersion: '2.0' } } }), OK],
    [recordWith({ ambient: { attributes: { 'organization.id': 'a' } } }), OK],
    [recordWith({ ambient: { attributes: { 'organization.id': 'b' } } }), OK],
    [recordWith({ ambient: { attributes: { 'organization.id': 'a', 'agent.id': 'b' } } }), OK],
    [recordWith({ ambient: { attributes: { tier: 1 } } }), OK],
    [recordWith({ ambient: { attributes: { tier: '1' } } }), OK]
  ]
  for (const kind of kinds) durations.record(...kind, 1)
  const first = meter.recorded
  meter.recorded = []
  for (const kind of kinds) durations.record(...kind, 1)
  t.strictSame(meter.recorded, first)
  const endpoints = first.filter(([name]) => name === 'count_endpoint_requests').map(([, attributes]) => JSON.stringify(attributes))
  t.equal(new Set(endpoints).size, 10)
  const routes = first.filter(([name]) => name === 'http.server.request.duration').map(([, attributes]) => JSON.stringify(attributes))
  t.equal(new Set(routes).size, 8)
})

t.test('a new generation is asked anew', async t => {
  const { meter, durations } = recorder()
  durations.record(recordWith(), OK, 1)
  meter.generation++
  durations.record(recordWith(), OK, 1)
  durations.record(recordWith(), OK, 1)
  t.equal(meter.asked.length, 6)
})

t.test('what clients choose does not fill the memory', async t => {
  const { meter, durations } = recorder()
  const from = (caller: number): void => { durations.record(recordWith({ ambient: { attributes: { caller } } }), OK, 1) }
  for (let caller = 0; caller < 2_500; caller++) from(caller)
  meter.asked = []
  from(1_999)
  t.equal(meter.asked.length, 0, 'kept')
  from(2_000)
  t.equal(meter.asked.length, 2, 'not kept: asked for once more')
  t.equal(meter.recorded.length, 2_502 * 3)
})

t.test('what is not measured is not asked for', async t => {
  const { meter, durations } = recorder()
  durations.record(recordWith({ facts: { ...FACTS, measured: false } }), OK, 1)
  t.strictSame(meter.asked, [])
  durations.record(recordWith({ facts: { ...FACTS, endpointMeasured: false } }), OK, 1)
  t.strictSame(meter.recorded.map(([name]) => name), ['http.server.request.duration'])
  durations.record(recordWith({ adopted: true }), OK, 1)
  t.strictSame(meter.recorded.slice(1).map(([name]) => name), ['count_endpoint_requests', 'hist_endpoint_e2e_ms'])
})
