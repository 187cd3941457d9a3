import type { Signal } from '../../lib/export/parcel.ts'

export const TRACE_ID = '5b8efff798038103d269b633813fc60c'
export const SPAN_ID = 'eee19b7ec3c1b174'

/** A value of every kind. */
const VALUES = {
  text: { stringValue: 'señor' },
  bool: { boolValue: true },
  int: { intValue: '-9007199254740993' },
  small: { doubleValue: 1e-7 },
  large: { doubleValue: 1e21 },
  list: { arrayValue: { values: [{ stringValue: 's' }, { intValue: 1 }, { doubleValue: 2.5 }, {}, { boolValue: false }] } },
  map: { kvlistValue: { values: [{ key: 'z', value: { stringValue: '"' } }, { key: 'a', value: { arrayValue: { values: [{ kvlistValue: { values: [] } }] } } }] } },
  bytes: { bytesValue: 'AQID' },
  none: {}
}

const attributes = Object.entries(VALUES).map(([key, value]) => ({ key, value }))

/** What {@link VALUES} are in tables: the Collector's ClickHouse exporter, version 0.161, wrote these. */
export const STORED_ATTRIBUTES = {
  bool: 'true',
  bytes: 'AQID',
  int: '-9007199254740993',
  large: '1e+21',
  list: '["s",1,2.5,null,false]',
  map: '{"a":[{}],"z":"\\""}',
  none: '',
  small: '1e-7',
  text: 'señor'
}

/** Requests of every signal, with every field that tables have. */
export function sampleRequests (nowMs = Date.now(), serviceName = 'sample'): Record<Signal, any> {
  const at = (nanoseconds: number): string => String(BigInt(nowMs) * 1_000_000n + BigInt(nanoseconds))
  const ids = { traceId: TRACE_ID, spanId: SPAN_ID }
  const resource = { attributes: [...attributes, { key: 'service.name', value: { stringValue: serviceName } }] }
  const scope = { name: 'scope', version: '1.2', attributes, droppedAttributesCount: 3 }
  const exemplars = [{ timeUnixNano: at(1), asDouble: 1.5, ...ids, filteredAttributes: attributes }, { timeUnixNano: at(2), asInt: '7' }]
  const point = { startTimeUnixNano: at(-10), timeUnixNano: at(0), attributes, flags: 1, exemplars }
  return {
    traces: {
      resourceSpans: [{
        resource,
        schemaUrl: 'u',
        scopeSpans: [{
          scope,
          spans: [
            {
              ...ids,
              parentSpanId: 'aaaaaaaaaaaaaaaa',
              traceState: 'a=b',
              name: 'whole',
              kind: 3,
              startTimeUnixNano: at(7),
              endTimeUnixNano: at(5_000_000_007),
              attributes,
              status: { code: 2, message: 'bad' },
              events: [{ timeUnixNano: at(1), name: 'first', attributes }, { timeUnixNano: at(2), name: 'second' }],
              links: [{ ...ids, traceState: 'x=y', attributes }]
            },
            { traceId: TRACE_ID, spanId: 'aaaaaaaaaaaaaaaa', name: 'plain', startTimeUnixNano: at(5), endTimeUnixNano: at(4) }
          ]
        }]
      }]
    },
    logs: {
      resourceLogs: [{
        resource,
        schemaUrl: 'u',
        scopeLogs: [{
          scope,
          schemaUrl: 'v',
          logRecords: [
            {
              ...ids,
              timeUnixNano: at(3),
              observedTimeUnixNano: at(9),
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'hello\n' },
              attributes,
              flags: 1,
              eventName: 'event'
            },
            { observedTimeUnixNano: at(9), body: { kvlistValue: { values: [{ key: 'b', value: { intValue: 1 } }, { key: 'a', value: { doubleValue: 0.1 } }] } } }
          ]
        }]
      }]
    },
    metrics: {
      resourceMetrics: [{
        resource,
        schemaUrl: 'u',
        scopeMetrics: [{
          scope,
          schemaUrl: 'v',
          metrics: [
            { name: 'gauge', description: 'd', unit: 's', gauge: { dataPoints: [{ ...point, asDouble: 1.25 }, { ...point, asInt: '-5' }] } },
            { name: 'sum', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...point, asInt: '5' }] } },
            {
              name: 'histogram',
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [
                  { ...point, count: '3', sum: 1.5, min: 0.1, max: 1, bucketCounts: ['1', '2', '0'], explicitBounds: [0.5, 1] },
                  { timeUnixNano: at(0), count: 0 }
                ]
              }
            },
            {
              name: 'exponential',
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [{
                  ...point,
                  count: '9',
                  sum: -2,
                  scale: -2,
                  zeroCount: '4',
                  positive: { offset: -3, bucketCounts: ['1', '300'] },
                  negative: { offset: 2, bucketCounts: [4] },
                  min: -1,
                  max: 7
                }]
              }
            },
            {
              name: 'summary',
              summary: {
                dataPoints: [{
                  startTimeUnixNano: at(-10),
                  timeUnixNano: at(0),
                  attributes,
                  count: '2',
                  sum: 3,
                  quantileValues: [{ quantile: 0.5, value: 1 }, { quantile: 0.99, value: 2 }]
                }]
              }
            }
          ]
        }]
      }]
    }
  }
}

/** A request with so many plain spans. */
export function spansRequest (count: number, first = 0, nowMs = Date.now()): string {
  const time = String(BigInt(nowMs) * 1_000_000n)
  const spans = Array.from({ length: count }, (_, index) => ({
    traceId: (first + index + 1).toString(16).padStart(32, '0'),
    spanId: (first + index + 1).toString(16).padStart(16, '0'),
    name: 'GET /agents',
    kind: 2,
    startTimeUnixNano: time,
    endTimeUnixNano: time
  }))
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'many' } }] }, scopeSpans: [{ spans }] }] })
}
