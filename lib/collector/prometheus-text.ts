// @ts-expect-error It brings no types.
import parsePrometheusTextFormat from 'parse-prometheus-text-format'

/** One number of a metric. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Family {
  readonly name: string
  readonly metrics: ReadonlyArray<{ readonly value?: string, readonly labels?: Readonly<Record<string, string>> }>
}

const parse = parsePrometheusTextFormat as (text: string) => Family[] | undefined

/** Reads Prometheus' text format; histograms and summaries, which are no single numbers, are left out. In any other text there is nothing. */
export function readSamples (text: string): Sample[] {
  return familiesOf(text).flatMap(({ name, metrics }) => metrics.flatMap(({ value, labels = {} }) =>
    value === undefined ? [] : [{ name, labels, value: Number(value.replace(/Inf$/i, 'Infinity')) }]))
}

function familiesOf (text: string): Family[] {
  try {
    return parse(text) ?? []
  } catch {
    return []
  }
}
