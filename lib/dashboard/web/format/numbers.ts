type Scale = ReadonlyArray<readonly [size: number, unit: string]>

const DURATIONS: Scale = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1_000, 's'], [1, 'ms'], [0.001, 'µs'], [0.000_001, 'ns']]
const BYTES: Scale = [[1e15, 'PB'], [1e12, 'TB'], [1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB'], [1, 'B']]
const COUNTS: Scale = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, '']]

/** What stands where there is nothing to say. */
export const NOTHING = '–'

type Maybe = number | null | undefined

const SHORT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false })
const EXACT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** At most three digits that count. */
export function formatNumber (value: Maybe): string {
  return isNumber(value) ? SHORT.format(value) : NOTHING
}

/** At most three digits that count, in thousands, millions or more where it has that many: `1.23k`. */
export function formatCount (value: Maybe): string {
  return isNumber(value) ? scaled(value, COUNTS, '') : NOTHING
}

/** Every digit of a whole number, for where it can be looked up. */
export function formatExact (value: Maybe): string {
  return isNumber(value) ? EXACT.format(value) : NOTHING
}

/** Milliseconds, in the unit that fits. */
export function formatDuration (milliseconds: Maybe): string {
  if (!isNumber(milliseconds)) return NOTHING
  return milliseconds === 0 ? '0 ms' : scaled(milliseconds, DURATIONS)
}

export function formatBytes (value: Maybe): string {
  return isNumber(value) ? scaled(value, BYTES) : NOTHING
}

/** A part of 1 as percent. What is not all never reads as all, nor what is something as nothing. */
export function formatRatio (value: Maybe): string {
  if (!isNumber(value)) return NOTHING
  if (value > 0.999 && value < 1) return `${Math.floor(value * 100_000) / 1_000} %`
  return `${SHORT.format(value * 100)} %`
}

export function formatDollars (value: Maybe): string {
  if (!isNumber(value)) return NOTHING
  return `${value < 0 ? '-' : ''}$${Math.abs(value) >= 1_000 ? scaled(Math.abs(value), COUNTS, '') : SHORT.format(Math.abs(value))}`
}

/** A value in a metric's unit (UCUM), as `ms`, `s`, `By`, `{token}` or `1`. */
export function formatUnit (value: Maybe, unit: string): string {
  switch (unit) {
    case 's': return formatDuration(isNumber(value) ? value * 1_000 : value)
    case 'ms': return formatDuration(value)
    case 'us': return formatDuration(isNumber(value) ? value / 1_000 : value)
    case 'ns': return formatDuration(isNumber(value) ? value / 1e6 : value)
    case 'By': return formatBytes(value)
    case 'usd': case 'USD': return formatDollars(value)
    default: return formatCount(value)
  }
}

function isNumber (value: Maybe): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function scaled (value: number, scale: Scale, gap = ' '): string {
  // What would round up to 1,000 of a unit is 1 of the next.
  const rounded = Number(Math.abs(value).toPrecision(3))
  const [size, unit] = scale.find(([size]) => rounded >= size) ?? scale.at(-1)!
  return `${SHORT.format(value / size)}${unit === '' ? '' : `${gap}${unit}`}`
}
