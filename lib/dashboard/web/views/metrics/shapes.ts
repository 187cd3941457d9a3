import { formatNumber, formatUnit } from '../../format/numbers.ts'

/** One way to look at a metric over time. */
export interface Shape {
  readonly name: string
  readonly title: string
  /** The query that answers it, and the column that is drawn. */
  readonly query: string
  readonly column: string
  readonly format: (value: number | null, unit: string) => string
  /** What tells its rows apart, where that is not an attribute's value. */
  readonly by?: string
}

const HEATMAP: Shape = { name: 'heatmap', title: 'heatmap', query: 'metric-heatmap', column: 'measurements', format: formatUnit }
const GAUGE: readonly Shape[] = ['average', 'minimum', 'maximum'].map(name => ({ name, title: name, query: 'metric-gauge', column: name, format: formatUnit }))
const HISTOGRAM: readonly Shape[] = [
  HEATMAP,
  { name: 'average', title: 'average', query: 'metric-distribution', column: 'average', format: formatUnit },
  { name: 'per_second', title: 'measurements per second', query: 'metric-distribution', column: 'per_second', format: formatNumber }
]
const SUM: readonly Shape[] = [
  { name: 'per_second', title: 'per second', query: 'metric-rate', column: 'per_second', format: formatUnit },
  { name: 'increase', title: 'increase', query: 'metric-rate', column: 'increase', format: formatUnit }
]

/** The ways that make sense of a type, the usual one first. */
export function shapesOf (type: string, monotonic: boolean): readonly Shape[] {
  switch (type) {
    case 'sum': return monotonic ? SUM : GAUGE
    case 'histogram': case 'exponential_histogram': return HISTOGRAM
    case 'summary': return [{ name: 'quantiles', title: 'quantiles', query: 'metric-summary', column: 'value', format: formatUnit, by: 'quantile' }]
    default: return GAUGE
  }
}

export const isHeatmap = (shape: Shape): boolean => shape === HEATMAP

/** Units as people read them: `{job}` is a word, and `1` says nothing. */
export function unitLabel (unit: string): string {
  return unit === '1' ? '' : unit.replace(/[{}]/g, '')
}
