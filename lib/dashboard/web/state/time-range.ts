/** From when to when: relative to now (`-15m`), which goes along with time, or two ISO 8601 dates. */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

export const PRESETS = [['-5m', '5 m'], ['-15m', '15 m'], ['-1h', '1 h'], ['-6h', '6 h'], ['-24h', '24 h'], ['-7d', '7 d']] as const
export const STANDARD_RANGE: TimeRange = { from: '-15m', to: 'now' }

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }
/** Seconds that a bucket may have: even parts of minutes, hours and days. */
const BUCKETS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400]
/** Up to so long, spans are counted one by one, to the second; of longer times, the rollup of minutes is asked. */
const EXACT_SECONDS = 3_600

export function isRelative ({ to }: TimeRange): boolean {
  return to === 'now'
}

export function lengthSeconds ({ from, to }: TimeRange): number {
  const [, amount, unit = ''] = /^-(\d+)([smhd])$/.exec(from) ?? []
  if (amount !== undefined) return Number(amount) * UNITS[unit]!
  const end = to === 'now' ? Date.now() : Date.parse(to)
  return Math.max(1, Math.round((end - Date.parse(from)) / 1_000))
}

/** Milliseconds since the epoch at which a range starts and ends. */
export function edgesOf (range: TimeRange, now = Date.now()): readonly [from: number, to: number] {
  const to = range.to === 'now' ? now : Date.parse(range.to)
  const relative = /^-\d+[smhd]$/.test(range.from)
  return [relative ? now - lengthSeconds(range) * 1_000 : Date.parse(range.from), to]
}

/** The range of the same length that ends where this one starts. */
export function previousRange (range: TimeRange): TimeRange {
  const seconds = lengthSeconds(range)
  if (/^-\d+[smhd]$/.test(range.from)) return { from: `-${seconds * 2}s`, to: `-${seconds}s` }
  return { from: new Date(Date.parse(range.from) - seconds * 1_000).toISOString(), to: range.from }
}

/** How requests of a range are counted: never more than about `most` buckets. */
export function precisionOf (range: TimeRange): 'spans' | 'minutes' {
  return lengthSeconds(range) <= EXACT_SECONDS ? 'spans' : 'minutes'
}

export function bucketOf (range: TimeRange, most = 90): number {
  const seconds = lengthSeconds(range)
  const least = precisionOf(range) === 'minutes' ? 60 : 1
  return BUCKETS.find(bucket => bucket >= least && seconds / bucket <= most) ?? BUCKETS.at(-1)!
}

/** What a drag over a chart asks for; nothing where it was too short to mean anything. */
export function draggedRange (from: number, to: number): TimeRange | undefined {
  if (to - from < 1_000) return undefined
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}
