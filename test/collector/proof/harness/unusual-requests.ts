/** Telemetry as no application of ours sends it, but as the protocol allows it. */

type Requests = Readonly<Record<'traces' | 'metrics' | 'logs', object>>

const DOUBLES = [0, -0, 1, -1.5, 100_000, 123_456_789, 1e15, 1e20, 1e21, 1.5e21, 1e-6, 1e-7, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 2 ** 53]
const TEXTS = ['', ' ', '"', '\\', '\n\t\r\b\f\v', '\u0000\u0001\u001f\u007f', '<a href="x">&amp;</a>', '\u2028\u2029', '😀', 'a'.repeat(5_000), "it's {a: 1}", '\ufffd']
const INTEGERS = ['0', '-1', '9223372036854775807', '-9223372036854775808']

const VALUES = [
  ...TEXTS.map(stringValue => ({ stringValue })),
  ...DOUBLES.map(doubleValue => ({ doubleValue })),
  ...['NaN', 'Infinity', '-Infinity'].map(doubleValue => ({ doubleValue })),
  ...INTEGERS.map(intValue => ({ intValue })),
  { boolValue: true }, { boolValue: false }, { bytesValue: '' }, { bytesValue: '//79' }, {}
]
/** JSON has no word for what is no number: the Collector refuses such lists and maps whole. */
const INNER = VALUES.filter(value => !('doubleValue' in value) || typeof value.doubleValue === 'number')
const NESTED = [
  { arrayValue: { values: [] } }, { kvlistValue: { values: [] } }, { arrayValue: {} }, { kvlistValue: {} },
  ...INNER.map(value => ({ arrayValue: { values: [value, { arrayValue: { values: [value] } }] } })),
  ...INNER.map(value => ({ kvlistValue: { values: [{ key: 'b', value }, { key: 'a', value }, { key: '', value }, { key: 'ä"', value: { kvlistValue: { values: [{ key: 'c', value }] } } }] } }))
]
const ATTRIBUTES = [...VALUES, ...NESTED].map((value, index) => ({ key: `key.${index}`, value }))
const ODD_KEYS = ['', ' ', 'ä', '"', 'a.b.c', 'service.name', 'Z', '\u2028'].map(key => ({ key, value: { stringValue: key } }))
/** The protocol forbids it, and does not say what becomes of them. */
const TWICE = ['first', 'second'].map(stringValue => ({ key: 'twice', value: { stringValue } }))

const TRACE_ID = '0102030405060708090a0b0c0d0e0f10'
const SPAN_ID = '0102030405060708'

/** @param nowMs milliseconds since 1970 */
export function unusualRequests (nowMs: number): Requests {
  const at = (nanoseconds: number): string => String(BigInt(nowMs) * 1_000_000n + BigInt(nanoseconds))
  const span = (index: number, more: object = {}): object => ({
    traceId: TRACE_ID, spanId: (index + 1).toString(16).padStart(16, '0'), name: `span ${index}`, startTimeUnixNano: at(index), endTimeUnixNano: at(index + 1_000), ...more
  })
  const point = (index: number, more: object = {}): object => ({ timeUnixNano: at(index), startTimeUnixNano: at(0), ...more })
  const resources = [
    undefined, {}, { attributes: [] }, { attributes: ODD_KEYS },
    ...VALUES.slice(0, 40).map(value => ({ attributes: [{ key: 'service.name', value }, { key: 'x', value }] }))
  ]
  const kinds = Array.from({ length: 8 }, (_, kind) => span(100 + kind, { kind, status: { code: kind % 5, message: 'm' } }))
  const distribution = { attributes: [], flags: 1, exemplars: [{ timeUnixNano: at(1), asInt: '-9', traceId: TRACE_ID, spanId: SPAN_ID, filteredAttributes: ODD_KEYS }, { timeUnixNano: at(2) }] }
  return {
    traces: {
      resourceSpans: [
        ...resources.map((resource, index) => ({ ...resource !== undefined && { resource }, scopeSpans: [{ spans: [span(index)] }] })),
        { scopeSpans: [] },
        {
          schemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
          scopeSpans: [
            { scope: { name: 'ä', version: '', attributes: ATTRIBUTES }, schemaUrl: 's', spans: kinds },
            {
              spans: [
                span(200, { attributes: ATTRIBUTES }),
                span(201, { attributes: ODD_KEYS, traceState: 'a=b,c=d', parentSpanId: SPAN_ID }),
                span(202, { events: [{}, { name: 'n' }, { timeUnixNano: at(1), attributes: ATTRIBUTES }], links: [{ traceId: TRACE_ID, spanId: SPAN_ID }, { traceId: TRACE_ID, spanId: SPAN_ID, traceState: 't', attributes: ATTRIBUTES }] }),
                span(203, { name: '', endTimeUnixNano: at(203) }),
                span(205, { startTimeUnixNano: at(9), endTimeUnixNano: at(8) }),
                span(206, { attributes: [...ODD_KEYS, ...TWICE] }),
                span(204, { endTimeUnixNano: at(86_400e9) })
              ]
            }
          ]
        }
      ]
    },
    logs: {
      resourceLogs: [
        ...resources.map((resource, index) => ({ ...resource !== undefined && { resource }, scopeLogs: [{ logRecords: [{ timeUnixNano: at(index), body: { stringValue: 'of a resource' } }] }] })),
        {
          scopeLogs: [{
            scope: { attributes: ODD_KEYS },
            logRecords: [
              ...[...VALUES, ...NESTED].map((body, index) => ({ timeUnixNano: at(1_000 + index), body })),
              ...Array.from({ length: 25 }, (_, severityNumber) => ({ timeUnixNano: at(2_000 + severityNumber), severityNumber, flags: severityNumber * 100 })),
              { timeUnixNano: at(3_000), attributes: ATTRIBUTES, traceId: TRACE_ID }, { observedTimeUnixNano: at(3_001), spanId: SPAN_ID }
            ]
          }]
        }
      ]
    },
    metrics: {
      resourceMetrics: [
        ...resources.map((resource, index) => ({ ...resource !== undefined && { resource }, scopeMetrics: [{ metrics: [{ name: 'of a resource', gauge: { dataPoints: [point(index, { asInt: index })] } }] }] })),
        {
          scopeMetrics: [{
            metrics: [
              {
                name: 'gauge',
                gauge: {
                  dataPoints: [
                    ...[...DOUBLES, 'NaN', 'Infinity', '-Infinity'].map((asDouble, index) => point(index, { asDouble })),
                    ...INTEGERS.map((asInt, index) => point(100 + index, { asInt })),
                    point(200, { attributes: ATTRIBUTES }), point(201, { flags: 1 }), point(202, { asDouble: 1, ...distribution })
                  ]
                }
              },
              ...[0, 1, 2].flatMap(aggregationTemporality => [true, false].map(isMonotonic => ({
                name: `sum ${aggregationTemporality} ${isMonotonic}`, unit: 'By', description: 'ä', sum: { aggregationTemporality, isMonotonic, dataPoints: [point(1, { asInt: '7' })] }
              }))),
              ...[0, 1, 2].map(aggregationTemporality => ({
                name: `histogram ${aggregationTemporality}`,
                histogram: {
                  aggregationTemporality,
                  dataPoints: [
                    point(1), point(2, { count: '5', bucketCounts: ['5'] }),
                    point(3, { count: '18446744073709551615', sum: -1.5, min: -1, max: 0, bucketCounts: ['1', '0', '18446744073709551615'], explicitBounds: [-1, 0.5], ...distribution })
                  ]
                }
              })),
              ...[0, 1, 2].map(aggregationTemporality => ({
                name: `exponential ${aggregationTemporality}`,
                exponentialHistogram: {
                  aggregationTemporality,
                  dataPoints: [
                    point(1), point(2, { positive: {}, negative: { offset: -5, bucketCounts: [] } }),
                    point(3, { count: '9', sum: 1, scale: -10, zeroCount: '1', positive: { offset: 2_147_483_647, bucketCounts: ['1', '0', '3'] }, negative: { offset: -2_147_483_648, bucketCounts: ['4'] }, ...distribution })
                  ]
                }
              })),
              {
                name: 'summary',
                summary: { dataPoints: [point(1), point(2, { count: '3', sum: 4.5, flags: 1, attributes: ODD_KEYS, quantileValues: [{}, { quantile: 1, value: -2 }, { quantile: 0.5, value: 1e300 }] })] }
              }
            ]
          }]
        }
      ]
    }
  }
}
