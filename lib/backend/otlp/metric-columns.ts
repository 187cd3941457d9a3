import { ArrayColumn, MapColumn, PlainColumn, text, time } from '../rows/columns.ts'
import { RowBlock } from '../rows/row-block.ts'

/** Columns that every table of metrics has. */
function pointColumns () {
  return {
    ResourceAttributes: new MapColumn(),
    ResourceSchemaUrl: text(),
    ScopeName: text(),
    ScopeVersion: text(),
    ScopeAttributes: new MapColumn(),
    ScopeDroppedAttrCount: new PlainColumn('UInt32'),
    ScopeSchemaUrl: text(),
    ServiceName: text(),
    MetricName: text(),
    MetricDescription: text(),
    MetricUnit: text(),
    Attributes: new MapColumn(),
    StartTimeUnix: time(),
    TimeUnix: time(),
    Flags: new PlainColumn('UInt32')
  }
}

function exemplarColumns () {
  return {
    'Exemplars.FilteredAttributes': new ArrayColumn(new MapColumn()),
    'Exemplars.TimeUnix': new ArrayColumn(time()),
    'Exemplars.Value': new ArrayColumn(double()),
    'Exemplars.SpanId': new ArrayColumn(text()),
    'Exemplars.TraceId': new ArrayColumn(text())
  }
}

function distributionColumns () {
  return {
    ...pointColumns(),
    ...exemplarColumns(),
    Count: count(),
    Sum: double(),
    Min: double(),
    Max: double(),
    AggregationTemporality: int32()
  }
}

function double (): PlainColumn {
  return new PlainColumn('Float64')
}

function count (): PlainColumn {
  return new PlainColumn('UInt64')
}

function int32 (): PlainColumn {
  return new PlainColumn('Int32')
}

export type PointColumns = ReturnType<typeof pointColumns>
export type ExemplarColumns = ReturnType<typeof exemplarColumns>
export type DistributionColumns = ReturnType<typeof distributionColumns>
export type MetricBlocks = ReturnType<typeof metricBlocks>

/** One block of each table of metrics, by the field's name in `Metric`. */
export function metricBlocks () {
  return {
    gauge: new RowBlock('otel_metrics_gauge', { ...pointColumns(), ...exemplarColumns(), Value: double() }),
    sum: new RowBlock('otel_metrics_sum', {
      ...pointColumns(), ...exemplarColumns(), Value: double(), AggregationTemporality: int32(), IsMonotonic: new PlainColumn('Bool')
    }),
    histogram: new RowBlock('otel_metrics_histogram', {
      ...distributionColumns(), BucketCounts: new ArrayColumn(count()), ExplicitBounds: new ArrayColumn(double())
    }),
    exponentialHistogram: new RowBlock('otel_metrics_exponential_histogram', {
      ...distributionColumns(),
      Scale: int32(),
      ZeroCount: count(),
      PositiveOffset: int32(),
      PositiveBucketCounts: new ArrayColumn(count()),
      NegativeOffset: int32(),
      NegativeBucketCounts: new ArrayColumn(count())
    }),
    summary: new RowBlock('otel_metrics_summary', {
      ...pointColumns(),
      Count: count(),
      Sum: double(),
      'ValueAtQuantiles.Quantile': new ArrayColumn(double()),
      'ValueAtQuantiles.Value': new ArrayColumn(double())
    })
  }
}
