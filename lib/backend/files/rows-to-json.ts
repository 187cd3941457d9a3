import type { Signal } from '../../export/parcel.ts'
import { KINDS, STATUS_CODES } from '../otlp/span-names.ts'

/** What JSON has no number for is text. */
type Double = number | 'inf' | '-inf' | 'nan' | '-nan'
type Texts = Readonly<Record<string, string>>

/** Columns that are computed with; of all others the value goes from the row into the JSON as it is. */
interface Computed {
  readonly Timestamp: string
  readonly StartTimeUnix: string
  readonly TimeUnix: string
  readonly Duration: string
  readonly SpanKind: string
  readonly StatusCode: string
  readonly Value: Double
  readonly Sum: Double
  readonly Min: Double
  readonly Max: Double
  readonly ResourceAttributes: Texts
  readonly ScopeAttributes: Texts
  readonly SpanAttributes: Texts
  readonly LogAttributes: Texts
  readonly Attributes: Texts
  readonly 'Events.Name': readonly string[]
  readonly 'Events.Timestamp': readonly string[]
  readonly 'Events.Attributes': readonly Texts[]
  readonly 'Links.TraceId': readonly string[]
  readonly 'Links.SpanId': readonly string[]
  readonly 'Links.TraceState': readonly string[]
  readonly 'Links.Attributes': readonly Texts[]
  readonly ExplicitBounds: readonly Double[]
  readonly 'Exemplars.Value': readonly Double[]
  readonly 'Exemplars.TimeUnix': readonly string[]
  readonly 'Exemplars.SpanId': readonly string[]
  readonly 'Exemplars.TraceId': readonly string[]
  readonly 'Exemplars.FilteredAttributes': readonly Texts[]
  readonly 'ValueAtQuantiles.Quantile': readonly Double[]
  readonly 'ValueAtQuantiles.Value': readonly Double[]
}

/** A row of a table as the engine gives it: times are nanoseconds, 64-bit integers are texts. It has the columns of its table. */
export type Row = Computed & Readonly<Record<string, unknown>>

/** What a table's rows are in OTLP JSON. */
export interface TableForm {
  readonly signal: Signal
  /** Columns that hold times, which are asked for as nanoseconds. */
  readonly times: readonly string[]
  /** Columns that hold lists of times. */
  readonly timeLists: readonly string[]
  readonly item: (row: Row) => object
}

const POINT = { times: ['StartTimeUnix', 'TimeUnix'], timeLists: ['Exemplars.TimeUnix'] }

/** Tables of telemetry that are exported, by name. */
export const EXPORTED: Readonly<Record<string, TableForm>> = {
  otel_traces: { signal: 'traces', times: ['Timestamp'], timeLists: ['Events.Timestamp'], item: span },
  otel_logs: { signal: 'logs', times: ['Timestamp'], timeLists: [], item: logRecord },
  otel_metrics_gauge: { signal: 'metrics', ...POINT, item: row => metric(row, { gauge: { dataPoints: [numberPoint(row)] } }) },
  otel_metrics_sum: {
    signal: 'metrics',
    ...POINT,
    item: row => metric(row, { sum: { dataPoints: [numberPoint(row)], aggregationTemporality: row['AggregationTemporality'], isMonotonic: row['IsMonotonic'] } })
  },
  otel_metrics_histogram: {
    signal: 'metrics',
    ...POINT,
    item: row => metric(row, {
      histogram: {
        dataPoints: [{ ...distribution(row), bucketCounts: row['BucketCounts'], explicitBounds: row['ExplicitBounds'].map(number) }],
        aggregationTemporality: row['AggregationTemporality']
      }
    })
  },
  otel_metrics_exponential_histogram: {
    signal: 'metrics',
    ...POINT,
    item: row => metric(row, {
      exponentialHistogram: {
        dataPoints: [{
          ...distribution(row),
          scale: row['Scale'],
          zeroCount: row['ZeroCount'],
          positive: { offset: row['PositiveOffset'], bucketCounts: row['PositiveBucketCounts'] },
          negative: { offset: row['NegativeOffset'], bucketCounts: row['NegativeBucketCounts'] }
        }],
        aggregationTemporality: row['AggregationTemporality']
      }
    })
  },
  otel_metrics_summary: {
    signal: 'metrics',
    times: POINT.times,
    timeLists: [],
    item: row => metric(row, {
      summary: {
        dataPoints: [{
          ...point(row),
          count: row['Count'],
          sum: number(row['Sum']),
          quantileValues: row['ValueAtQuantiles.Quantile'].map((quantile, index) => ({ quantile: number(quantile), value: number(row['ValueAtQuantiles.Value'][index]) }))
        }]
      }
    })
  }
}

const NAMES = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'], logs: ['resourceLogs', 'scopeLogs', 'logRecords'], metrics: ['resourceMetrics', 'scopeMetrics', 'metrics']
} as const

/** One request with all rows, those of one resource and scope together. Of attributes only the text is kept in tables: they are texts. */
export function requestOf ({ signal, item }: TableForm, rows: readonly Row[]): object {
  const [resources, scopes, items] = NAMES[signal]
  const groups = new Map<string, { row: Row, items: object[] }>()
  for (const row of rows) {
    const key = JSON.stringify(['ResourceAttributes', 'ResourceSchemaUrl', 'ScopeName', 'ScopeVersion', 'ScopeAttributes', 'ScopeSchemaUrl'].map(name => row[name]))
    let group = groups.get(key)
    if (group === undefined) groups.set(key, group = { row, items: [] })
    group.items.push(item(row))
  }
  return {
    [resources]: [...groups.values()].map(({ row, items: found }) => ({
      resource: { attributes: attributes(row['ResourceAttributes']) },
      schemaUrl: row['ResourceSchemaUrl'],
      [scopes]: [{
        scope: {
          name: row['ScopeName'], version: row['ScopeVersion'], attributes: attributes(row['ScopeAttributes']), droppedAttributesCount: row['ScopeDroppedAttrCount']
        },
        schemaUrl: row['ScopeSchemaUrl'],
        [items]: found
      }]
    }))
  }
}

function attributes (map: Texts = {}): object[] {
  return Object.entries(map).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

const DENORMALS = { inf: 'Infinity', '-inf': '-Infinity', nan: 'NaN', '-nan': 'NaN' } as const

function number (value: Double = 'nan'): number | string {
  return typeof value === 'number' ? value : DENORMALS[value]
}

/** Of OTLP, times are unsigned; the tables hold the same 64 bits as a signed number. */
function time (nanoseconds: string | undefined): string {
  return String(BigInt.asUintN(64, BigInt(nanoseconds ?? 0)))
}

const LATEST = 2n ** 64n - 1n

function endOf (row: Row): string {
  const end = BigInt(time(row['Timestamp'])) + BigInt(row['Duration'])
  return String(end > LATEST ? LATEST : end)
}

function span (row: Row): object {
  return {
    traceId: row['TraceId'],
    spanId: row['SpanId'],
    parentSpanId: row['ParentSpanId'],
    traceState: row['TraceState'],
    name: row['SpanName'],
    kind: Math.max(KINDS.indexOf(row['SpanKind']), 0),
    startTimeUnixNano: time(row['Timestamp']),
    endTimeUnixNano: endOf(row),
    attributes: attributes(row['SpanAttributes']),
    status: { code: Math.max(STATUS_CODES.indexOf(row['StatusCode']), 0), message: row['StatusMessage'] },
    events: row['Events.Name'].map((name, index) => ({
      name, timeUnixNano: time(row['Events.Timestamp'][index]), attributes: attributes(row['Events.Attributes'][index])
    })),
    links: row['Links.TraceId'].map((traceId, index) => ({
      traceId, spanId: row['Links.SpanId'][index], traceState: row['Links.TraceState'][index], attributes: attributes(row['Links.Attributes'][index])
    }))
  }
}

function logRecord (row: Row): object {
  return {
    timeUnixNano: time(row['Timestamp']),
    traceId: row['TraceId'],
    spanId: row['SpanId'],
    flags: row['TraceFlags'],
    severityText: row['SeverityText'],
    severityNumber: row['SeverityNumber'],
    body: { stringValue: row['Body'] },
    attributes: attributes(row['LogAttributes']),
    eventName: row['EventName']
  }
}

function metric (row: Row, data: object): object {
  return { name: row['MetricName'], description: row['MetricDescription'], unit: row['MetricUnit'], ...data }
}

function point (row: Row): object {
  return { startTimeUnixNano: time(row['StartTimeUnix']), timeUnixNano: time(row['TimeUnix']), attributes: attributes(row['Attributes']), flags: row['Flags'] }
}

function numberPoint (row: Row): object {
  return { ...point(row), asDouble: number(row['Value']), exemplars: exemplars(row) }
}

function distribution (row: Row): object {
  return { ...point(row), count: row['Count'], sum: number(row['Sum']), min: number(row['Min']), max: number(row['Max']), exemplars: exemplars(row) }
}

function exemplars (row: Row): object[] {
  return row['Exemplars.Value'].map((value, index) => ({
    asDouble: number(value),
    timeUnixNano: time(row['Exemplars.TimeUnix'][index]),
    spanId: row['Exemplars.SpanId'][index],
    traceId: row['Exemplars.TraceId'][index],
    filteredAttributes: attributes(row['Exemplars.FilteredAttributes'][index])
  }))
}
