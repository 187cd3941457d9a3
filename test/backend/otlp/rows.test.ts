import t from 'tap'
import { SIGNALS } from '../../../lib/export/parcel.ts'
import { runningBackend } from '../running-backend.ts'
import { sampleRequests, SPAN_ID, STORED_ATTRIBUTES, TRACE_ID } from '../sample-requests.ts'

const nowMs = Date.now()
const backend = await runningBackend(t)
for (const signal of SIGNALS) await backend.send(signal, JSON.stringify(sampleRequests(nowMs)[signal]))
await backend.flush()

const at = (nanoseconds: number): string => String(BigInt(nowMs) * 1_000_000n + BigInt(nanoseconds))
const ResourceAttributes = { ...STORED_ATTRIBUTES, 'service.name': 'sample' }
const inOrder = (map: object): Array<[string, unknown]> => Object.entries(map).sort(([a], [b]) => a < b ? -1 : 1)

t.test('spans', async t => {
  const rows = await backend.rows(`
    SELECT * REPLACE (toUnixTimestamp64Nano(Timestamp) AS Timestamp, arrayMap(time -> toUnixTimestamp64Nano(time), \`Events.Timestamp\`) AS \`Events.Timestamp\`)
    FROM otel_traces ORDER BY Timestamp`)
  const common = { TraceId: TRACE_ID, ServiceName: 'sample', ResourceAttributes, ScopeName: 'scope', ScopeVersion: '1.2' }
  const none = { 'Events.Timestamp': [], 'Events.Name': [], 'Events.Attributes': [], 'Links.TraceId': [], 'Links.SpanId': [], 'Links.TraceState': [], 'Links.Attributes': [] }
  t.strictSame(rows, [
    {
      ...common,
      Timestamp: at(5),
      SpanId: 'aaaaaaaaaaaaaaaa',
      ParentSpanId: '',
      TraceState: '',
      SpanName: 'plain',
      SpanKind: 'Unspecified',
      SpanAttributes: {},
      Duration: '0',
      StatusCode: 'Unset',
      StatusMessage: '',
      ...none
    },
    {
      ...common,
      Timestamp: at(7),
      SpanId: SPAN_ID,
      ParentSpanId: 'aaaaaaaaaaaaaaaa',
      TraceState: 'a=b',
      SpanName: 'whole',
      SpanKind: 'Client',
      SpanAttributes: STORED_ATTRIBUTES,
      Duration: '5000000000',
      StatusCode: 'Error',
      StatusMessage: 'bad',
      'Events.Timestamp': [at(1), at(2)],
      'Events.Name': ['first', 'second'],
      'Events.Attributes': [STORED_ATTRIBUTES, {}],
      'Links.TraceId': [TRACE_ID],
      'Links.SpanId': [SPAN_ID],
      'Links.TraceState': ['x=y'],
      'Links.Attributes': [STORED_ATTRIBUTES]
    }
  ])
  t.strictSame(Object.entries(rows[1]!['SpanAttributes'] as object), inOrder(STORED_ATTRIBUTES), 'in the order of their keys')
  t.match(await backend.rows('SELECT TraceId FROM otel_traces_trace_id_ts'), [{ TraceId: TRACE_ID }])
})

t.test('log records', async t => {
  const rows = await backend.rows('SELECT * REPLACE (toUnixTimestamp64Nano(Timestamp) AS Timestamp, TimestampTime = toDateTime(Timestamp) AS TimestampTime) FROM otel_logs ORDER BY Timestamp')
  const common = {
    ServiceName: 'sample',
    TimestampTime: 1,
    ResourceSchemaUrl: 'u',
    ResourceAttributes,
    ScopeSchemaUrl: 'v',
    ScopeName: 'scope',
    ScopeVersion: '1.2',
    ScopeAttributes: STORED_ATTRIBUTES
  }
  t.match(rows, [
    {
      ...common,
      Timestamp: at(3),
      TraceId: TRACE_ID,
      SpanId: SPAN_ID,
      TraceFlags: 1,
      SeverityText: 'ERROR',
      SeverityNumber: 17,
      Body: 'hello\n',
      LogAttributes: STORED_ATTRIBUTES,
      EventName: 'event'
    },
    { ...common, Timestamp: at(9), TraceId: '', SpanId: '', TraceFlags: 0, SeverityText: '', SeverityNumber: 0, Body: '{"a":0.1,"b":1}', LogAttributes: {}, EventName: '' }
  ])
  const before = Date.now()
  await backend.send('logs', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"no time"}}]}]}]}')
  await backend.flush()
  const [row] = await backend.rows<{ time: string }>("SELECT toUnixTimestamp64Milli(Timestamp) AS time FROM otel_logs WHERE Body = 'no time'")
  t.ok(Number(row!.time) >= before && Number(row!.time) <= Date.now(), 'a record without a time has that of its arrival')
})

t.test('lists and maps in values, quoted as the exporter quotes them', async t => {
  const values = [{ bytesValue: '' }, { bytesValue: 'AQID' }, { stringValue: '\u2028<\u2029' }, { kvlistValue: { values: [{ key: '\u2028', value: {} }] } }]
  await backend.send('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: at(0), eventName: 'quoted', body: { arrayValue: { values } } }] }] }] }))
  await backend.flush()
  t.strictSame(await backend.rows("SELECT Body FROM otel_logs WHERE EventName = 'quoted'"), [{ Body: '[null,"AQID","\\u2028<\\u2029",{"\\u2028":null}]' }])
})

t.test('data points of each kind', async t => {
  const common = {
    ServiceName: 'sample',
    ResourceAttributes,
    ResourceSchemaUrl: 'u',
    ScopeName: 'scope',
    ScopeVersion: '1.2',
    ScopeAttributes: STORED_ATTRIBUTES,
    ScopeDroppedAttrCount: 3,
    ScopeSchemaUrl: 'v'
  }
  const point = { ...common, Attributes: STORED_ATTRIBUTES, StartTimeUnix: at(-10), TimeUnix: at(0) }
  const exemplars = {
    Flags: 1,
    'Exemplars.FilteredAttributes': [STORED_ATTRIBUTES, {}],
    'Exemplars.TimeUnix': [at(1), at(2)],
    'Exemplars.Value': [1.5, 7],
    'Exemplars.SpanId': [SPAN_ID, '0'.repeat(16)],
    'Exemplars.TraceId': [TRACE_ID, '0'.repeat(32)]
  }
  const rowsOf = async (kind: string, hasExemplars = true): Promise<unknown[]> => await backend.rows(`
    SELECT * REPLACE (toUnixTimestamp64Nano(StartTimeUnix) AS StartTimeUnix, toUnixTimestamp64Nano(TimeUnix) AS TimeUnix${
      hasExemplars ? ', arrayMap(time -> toUnixTimestamp64Nano(time), `Exemplars.TimeUnix`) AS `Exemplars.TimeUnix`' : ''})
    FROM otel_metrics_${kind} ORDER BY ${kind === 'gauge' ? 'Value' : 'Count'} DESC`)
  t.match(await rowsOf('gauge'), [
    { ...point, ...exemplars, MetricName: 'gauge', MetricDescription: 'd', MetricUnit: 's', Value: 1.25 }, { ...point, ...exemplars, MetricName: 'gauge', Value: -5 }
  ])
  const [sum] = await backend.rows('SELECT * FROM otel_metrics_sum')
  t.match(sum, { ...common, MetricName: 'sum', Value: 5, AggregationTemporality: 2, IsMonotonic: true, Flags: 1 })
  t.match(await rowsOf('histogram'), [
    {
      ...point, ...exemplars, MetricName: 'histogram', Count: '3', Sum: 1.5, Min: 0.1, Max: 1, BucketCounts: ['1', '2', '0'], ExplicitBounds: [0.5, 1], AggregationTemporality: 1
    },
    { ...common, Attributes: {}, Count: '0', Sum: 0, Min: 0, Max: 0, BucketCounts: [], ExplicitBounds: [], 'Exemplars.Value': [], AggregationTemporality: 1 }
  ])
  t.match(await rowsOf('exponential_histogram'), [{
    ...point,
    ...exemplars,
    MetricName: 'exponential',
    Count: '9',
    Sum: -2,
    Min: -1,
    Max: 7,
    Scale: -2,
    ZeroCount: '4',
    PositiveOffset: -3,
    PositiveBucketCounts: ['1', '300'],
    NegativeOffset: 2,
    NegativeBucketCounts: ['4'],
    AggregationTemporality: 2
  }])
  t.match(await rowsOf('summary', false), [{
    ...point, MetricName: 'summary', Count: '2', Sum: 3, 'ValueAtQuantiles.Quantile': [0.5, 0.99], 'ValueAtQuantiles.Value': [1, 2]
  }])
})
