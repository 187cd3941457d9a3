import type { Spread } from './statistics.ts'

/** A table of Markdown. */
export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

export function decimals (value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** A median, or a dash where nothing was measured. */
export function median (spread: Spread | undefined, digits = 0): string {
  return spread === undefined ? '–' : decimals(spread.median, digits)
}

/** A median with the middle half of the values, then the least and the most; of one value nothing but this. */
export function withRange (spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return '–'
  const { median, lowerQuartile, upperQuartile, least, most } = spread
  if (least === most) return decimals(median, digits)
  const range = (from: number, to: number): string => `${decimals(from, digits)}–${decimals(to, digits)}`
  return `${decimals(median, digits)} (${range(lowerQuartile, upperQuartile)}; ${range(least, most)})`
}
