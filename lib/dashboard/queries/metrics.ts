import { defineQuery, rowLimit, TIME_RANGE } from '../../store/queries/named-query.ts'
import { BUCKET_TIME, GROUP_PARAMETER, HISTOGRAM_POINTS, HISTOGRAM_TOTALS, increases, METRIC_PARAMETERS, METRIC_TABLES, POINTS_WHERE, RECORDED, SUM_POINTS } from './metric-points.ts'

const { bucket_seconds: bucketSeconds, ...WITHOUT_BUCKETS } = METRIC_PARAMETERS

const listed = (table: string): string => `
      SELECT MetricName AS metric, '${table}' AS type, any(MetricUnit) AS unit, any(MetricDescription) AS description, count() AS points,
        uniq(ServiceName, Attributes) AS series, max(TimeUnix) AS last,
        ${table === 'sum' ? 'any(IsMonotonic)' : 'false'} AS monotonic
      FROM otel_metrics_${table}
      WHERE TimeUnix >= fromUnixTimestamp64Nano({from:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({to:Int64}) AND ${RECORDED}
        AND ({service:String} = '' OR ServiceName = {service:String})
        AND ({all_organizations:UInt8} = 1 OR Attributes['organization.id'] = {organization:String})
      GROUP BY metric`

export const metrics = defineQuery({
  name: 'metrics',
  title: 'Metrics',
  description: 'Metrics that have points, with their type, unit and how many sets of attributes they have.',
  parameters: { ...TIME_RANGE, service: { kind: 'text', description: 'only this service', default: '' }, ...rowLimit(1_000, 10_000) },
  columns: { metric: 'text', type: 'text', unit: 'text', description: 'text', monotonic: 'flag', points: 'count', series: 'count', newest: 'time' },
  maximumDays: 31,
  sql: `
    SELECT metric, type, unit, description, monotonic, points, series, toUnixTimestamp64Nano(last) AS newest FROM (${METRIC_TABLES.map(listed).join('\n      UNION ALL')}
    )
    ORDER BY metric, type
    LIMIT {limit:UInt32}`
})

export const metricAttributes = defineQuery({
  name: 'metric-attributes',
  title: 'Attributes of a metric',
  description: 'Names of attributes that points of a metric have, how many values each has, and some of them.',
  parameters: { ...WITHOUT_BUCKETS, ...rowLimit(100) },
  columns: { attribute: 'text', values: 'count', examples: 'text' },
  maximumDays: 31,
  sql: `
    SELECT pair.1 AS attribute, uniq(pair.2) AS values, arrayStringConcat(arraySort(groupUniqArray(5)(pair.2)), ', ') AS examples
    FROM (${METRIC_TABLES.map(table => `
      SELECT arrayJoin(arrayZip(mapKeys(Attributes), mapValues(Attributes))) AS pair
      FROM otel_metrics_${table}
      WHERE ${POINTS_WHERE}`).join('\n      UNION ALL')}
    )
    GROUP BY attribute
    ORDER BY attribute
    LIMIT {limit:UInt32}`
})

export const metricGauge = defineQuery({
  name: 'metric-gauge',
  title: 'A gauge over time',
  description: 'Average, smallest and largest value of a gauge, or of a sum that goes down too, over time.',
  parameters: { ...METRIC_PARAMETERS, ...GROUP_PARAMETER, ...rowLimit(2_000, 10_000) },
  columns: { time: 'time', group_value: 'text', average: 'number', minimum: 'number', maximum: 'number' },
  maximumDays: 31,
  sql: `
    SELECT ${BUCKET_TIME} AS time, group_value, avg(value) AS average, min(value) AS minimum, max(value) AS maximum
    FROM (
      SELECT TimeUnix, Attributes[{group:String}] AS group_value, Value AS value FROM otel_metrics_gauge WHERE ${POINTS_WHERE}
      UNION ALL
      SELECT TimeUnix, Attributes[{group:String}] AS group_value, Value AS value FROM otel_metrics_sum WHERE NOT IsMonotonic AND ${POINTS_WHERE}
    )
    GROUP BY time, group_value
    ORDER BY time, group_value
    LIMIT {limit:UInt32}`
})

export const metricRate = defineQuery({
  name: 'metric-rate',
  title: 'A sum over time',
  description: 'By how much a sum grew, and how fast a second, over time.',
  parameters: { ...METRIC_PARAMETERS, ...GROUP_PARAMETER, ...rowLimit(2_000, 10_000) },
  columns: { time: 'time', group_value: 'text', increase: 'number', per_second: 'number' },
  maximumDays: 31,
  sql: `
    SELECT bucket AS time, group_value, sum(p.increase) AS increase, increase / {bucket_seconds:UInt32} AS per_second
    FROM (${increases(SUM_POINTS)}
    ) AS p
    GROUP BY time, group_value
    ORDER BY time, group_value
    LIMIT {limit:UInt32}`
})

export const metricDistribution = defineQuery({
  name: 'metric-distribution',
  title: 'A histogram over time',
  description: 'How many measurements a histogram counted, and their average, over time.',
  parameters: { ...METRIC_PARAMETERS, ...GROUP_PARAMETER, ...rowLimit(2_000, 10_000) },
  columns: { time: 'time', group_value: 'text', measurements: 'number', per_second: 'number', average: 'number' },
  maximumDays: 31,
  sql: `
    SELECT bucket AS time, group_value, sumIf(increase, part = 0) AS measurements, measurements / {bucket_seconds:UInt32} AS per_second,
      sumIf(increase, part = 1) / nullIf(measurements, 0) AS average
    FROM (${increases(HISTOGRAM_TOTALS)}
    )
    GROUP BY time, group_value
    ORDER BY time, group_value
    LIMIT {limit:UInt32}`
})

export const metricHeatmap = defineQuery({
  name: 'metric-heatmap',
  title: 'A histogram as a heatmap',
  description: 'How many measurements lay up to each edge and above the one before, over time. A bucket without an upper edge has none.',
  parameters: { ...METRIC_PARAMETERS, ...GROUP_PARAMETER, ...rowLimit(10_000, 20_000) },
  columns: { time: 'time', upper: 'number', measurements: 'number' },
  maximumDays: 31,
  sql: `
    SELECT bucket AS time, if(isInfinite(part), NULL, part) AS upper, sum(increase) AS measurements
    FROM (${increases(HISTOGRAM_POINTS)}
    )
    GROUP BY time, part
    HAVING measurements > 0
    ORDER BY time, part
    LIMIT {limit:UInt32}`
})

export const metricSummary = defineQuery({
  name: 'metric-summary',
  title: 'A summary over time',
  description: 'Quantiles as their sender worked them out, over time: the largest of each time.',
  parameters: { ...METRIC_PARAMETERS, ...rowLimit(2_000, 10_000) },
  columns: { time: 'time', quantile: 'number', value: 'number' },
  maximumDays: 31,
  sql: `
    SELECT ${BUCKET_TIME} AS time, pair.1 AS quantile, max(pair.2) AS value
    FROM otel_metrics_summary
    ARRAY JOIN arrayZip(ValueAtQuantiles.Quantile, ValueAtQuantiles.Value) AS pair
    WHERE ${POINTS_WHERE}
    GROUP BY time, quantile
    ORDER BY time, quantile
    LIMIT {limit:UInt32}`
})

export const metricExemplars = defineQuery({
  name: 'metric-exemplars',
  title: 'Exemplars of a metric',
  description: 'Single measurements of a metric that name the trace in which they were made.',
  parameters: { ...WITHOUT_BUCKETS, ...rowLimit(200) },
  columns: { time: 'time', value: 'number', trace_id: 'text', span_id: 'text' },
  maximumDays: 31,
  sql: `
    SELECT toUnixTimestamp64Nano(exemplar.1) AS time, exemplar.2 AS value, exemplar.3 AS trace_id, exemplar.4 AS span_id
    FROM (${METRIC_TABLES.filter(table => table !== 'summary').map(table => `
      SELECT arrayJoin(arrayZip(Exemplars.TimeUnix, Exemplars.Value, Exemplars.TraceId, Exemplars.SpanId)) AS exemplar
      FROM otel_metrics_${table}
      WHERE notEmpty(Exemplars.TraceId) AND ${POINTS_WHERE}`).join('\n      UNION ALL')}
    )
    WHERE match(trace_id, '[^0]')
    GROUP BY time, value, trace_id, span_id
    ORDER BY time DESC, value DESC
    LIMIT {limit:UInt32}`
})
