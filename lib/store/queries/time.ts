const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A date, or a date with a time and a zone; with up to nine digits behind the second. */
const ISO_DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.(\d{1,9}))?)?(?:Z|[+-]\d\d:\d\d))?$/
const NANOSECONDS_IN_A_MILLISECOND = 1_000_000n
/** The last nanosecond that 64 bits with a sign can say. */
const LAST = 2n ** 63n - 1n

/**
 * Nanoseconds since the epoch of `now`, a span before now (`-15m`), an ISO 8601 date (a time needs its zone) or a `Date`;
 * nothing for all else.
 *
 * @param now milliseconds since the epoch
 */
export function timeOf (value: unknown, now: number): bigint | undefined {
  if (value instanceof Date) return inRange(value.getTime())
  if (typeof value !== 'string') return undefined
  if (value === 'now') return inRange(now)
  const [, amount, unit = ''] = /^-(\d{1,9})([smhd])$/.exec(value) ?? []
  if (amount !== undefined) return inRange(now - Number(amount) * UNITS[unit]!)
  const [date, fraction = ''] = ISO_DATE.exec(value) ?? []
  // Date takes the 31st of February for the 3rd of March.
  if (date === undefined || !isDay(date.slice(0, 10))) return undefined
  // Date keeps three digits of the fraction: the other six are added to them.
  return inRange(Date.parse(value), BigInt(fraction.padEnd(9, '0').slice(3)))
}

function isDay (text: string): boolean {
  const day = new Date(text)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function inRange (milliseconds: number, nanoseconds = 0n): bigint | undefined {
  if (!Number.isFinite(milliseconds)) return undefined
  const time = BigInt(Math.floor(milliseconds)) * NANOSECONDS_IN_A_MILLISECOND + nanoseconds
  return time >= 0n && time <= LAST ? time : undefined
}

/** An ISO 8601 date with nine digits behind the second, in UTC. */
export function isoOf (nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / NANOSECONDS_IN_A_MILLISECOND)).toISOString()
  return `${date.slice(0, -1)}${(nanoseconds % NANOSECONDS_IN_A_MILLISECOND).toString().padStart(6, '0')}Z`
}
