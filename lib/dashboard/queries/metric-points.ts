import { TIME_RANGE } from '../../store/queries/named-query.ts'
import type { ParameterDefinitions } from '../../store/queries/parameters.ts'

/** Which points of which metric are asked for, and how they are put together. */
export const METRIC_PARAMETERS = {
  ...TIME_RANGE,
  metric: { kind: 'text', description: 'name of the metric' },
  service: { kind: 'text', description: 'only this service', default: '' },
  attributes: { kind: 'pairs', description: 'attributes of the points, all of which have to be so', default: {} },
  bucket_seconds: { kind: 'number', description: 'seconds of each row', default: 60, minimum: 1, maximum: 86_400 }
} as const satisfies ParameterDefinitions

export const GROUP_PARAMETER = {
  group: { kind: 'text', description: 'name of the attribute whose values are told apart; none for all in one', default: '' }
} as const satisfies ParameterDefinitions

export const METRIC_TABLES = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'] as const

/** Without those whose sender says that there was nothing to record (`NO_RECORDED_VALUE`, bit 1 of the flags): their values mean nothing. */
export const RECORDED = 'bitAnd(Flags, 1) = 0'

export const POINTS_WHERE = `MetricName = {metric:String} AND ${RECORDED}
        AND TimeUnix >= fromUnixTimestamp64Nano({from:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({to:Int64})
        AND ({all_organizations:UInt8} = 1 OR Attributes['organization.id'] = {organization:String})
        AND ({service:String} = '' OR ServiceName = {service:String})
        AND (empty({attributes:Array(String)})
          OR hasAll(arrayMap((name, value) -> concat(name, '=', value), mapKeys(Attributes), mapValues(Attributes)), {attributes:Array(String)}))`

export const BUCKET_TIME = 'toInt64(intDiv(toUnixTimestamp(toDateTime(TimeUnix)), {bucket_seconds:UInt32}) * {bucket_seconds:UInt32}) * 1000000000'

/** What tells one sender's points from another's. */
const SERIES = 'cityHash64(ServiceName, ResourceAttributes, ScopeName, Attributes, StartTimeUnix)'

/**
 * How much each point adds, whether it says so itself (delta) or counts from its start (cumulative): of the latter, what it says more
 * than the one before. The first of a series adds what it says only where it started within the time that is asked for.
 *
 * @param points selects `TimeUnix`, `series`, `series_start`, `temporality`, `part` (what of a point is counted, as a bucket) and `value`
 */
export function increases (points: string): string {
  return `
      SELECT *, if(temporality = 1, value, multiIf(
          TimeUnix = min(TimeUnix) OVER (PARTITION BY series), if(series_start >= fromUnixTimestamp64Nano({from:Int64}), value, 0),
          value - lagInFrame(value, 1, toFloat64(0)) OVER (PARTITION BY series, part ORDER BY TimeUnix ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))) AS increase
      FROM (${points}
      )`
}

/** Points of sums. */
export const SUM_POINTS = `
        SELECT TimeUnix, ${BUCKET_TIME} AS bucket, Attributes[{group:String}] AS group_value, ${SERIES} AS series, StartTimeUnix AS series_start,
          AggregationTemporality AS temporality, 0 AS part, Value AS value
        FROM otel_metrics_sum
        WHERE ${POINTS_WHERE}`

const histogram = (table: string, uppers: string, counts: string): string => `
        SELECT TimeUnix, ${BUCKET_TIME} AS bucket, Attributes[{group:String}] AS group_value, ${SERIES} AS series, StartTimeUnix AS series_start,
          AggregationTemporality AS temporality, part, toFloat64(counted) AS value
        FROM otel_metrics_${table}
        ARRAY JOIN ${uppers} AS part, ${counts} AS counted
        WHERE ${POINTS_WHERE}`

/** A base of which each bucket's upper edge is a power. */
const BASE = 'pow(2, pow(2, -Scale))'
const indices = (kind: 'Positive' | 'Negative'): string => `arrayMap(index -> ${kind}Offset + index, range(length(${kind}BucketCounts)))`

/** Buckets of histograms of either kind, a row each; `part` is the upper edge. */
export const HISTOGRAM_POINTS = `${histogram('histogram', 'arrayPushBack(ExplicitBounds, inf)', 'arrayResize(BucketCounts, length(ExplicitBounds) + 1)')}
        UNION ALL${histogram('exponential_histogram',
          `arrayConcat(arrayMap(index -> -pow(${BASE}, index), ${indices('Negative')}), [0.], arrayMap(index -> pow(${BASE}, index + 1), ${indices('Positive')}))`,
          'arrayConcat(NegativeBucketCounts, [ZeroCount], PositiveBucketCounts)')}`

/** Counts and sums of histograms; `part` 0 is the count, 1 the sum. */
export const HISTOGRAM_TOTALS = `${histogram('histogram', '[0, 1]', '[toFloat64(Count), Sum]')}
        UNION ALL${histogram('exponential_histogram', '[0, 1]', '[toFloat64(Count), Sum]')}`
