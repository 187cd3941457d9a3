import type { ColumnKind } from '../store/queries/columns.ts'

type Scale = ReadonlyArray<readonly [size: number, unit: string]>

const DURATIONS: Scale = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1_000, 's'], [1, 'ms'], [0.001, 'µs'], [0.000_001, 'ns']]
const BYTES: Scale = [[1e15, 'PB'], [1e12, 'TB'], [1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB'], [1, 'B']]
const GROUPED = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const SHORT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false })
const CELL_MAX_LENGTH = 60
const NOTHING = '-'

/** A value for people: at most three digits that count, with the unit that fits. Counts are whole. */
export function formatValue (kind: ColumnKind, value: unknown): string {
  if (value === null || value === undefined || value === '') return NOTHING
  switch (kind) {
    case 'count': return GROUPED.format(value as number)
    case 'number': return SHORT.format(value as number)
    case 'milliseconds': return scaled(value as number, DURATIONS)
    case 'bytes': return scaled(value as number, BYTES)
    case 'ratio': return `${SHORT.format((value as number) * 100)} %`
    case 'dollars': return `$${SHORT.format(value as number)}`
    case 'time': return `${(value as string).slice(0, 23).replace('T', ' ')}Z`
    case 'flag': return value === true ? 'yes' : 'no'
    case 'text': return shortened(value as string)
    case 'attributes': return shortened(Object.entries(value).map(([name, text]) => `${name}=${text}`).join(' '))
    case 'events': return shortened((value as Array<{ name: string }>).map(({ name }) => name).join(' ')) || NOTHING
  }
}

/** Three digits that count, in the largest unit of which there is at least one. */
function scaled (value: number, scale: Scale): string {
  const [size, unit] = scale.find(([size]) => Math.abs(value) >= size) ?? scale.at(-1)!
  return `${SHORT.format(value / size)} ${unit}`
}

/** Of what is kept, anyone may have written it: nothing of it may move a terminal's cursor or change its colours. */
function shortened (text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return plain.length > CELL_MAX_LENGTH ? `${plain.slice(0, CELL_MAX_LENGTH - 1)}…` : plain
}

/** Numbers stand at the right of their column. */
export function isNumeric (kind: ColumnKind): boolean {
  return !['text', 'time', 'attributes', 'events', 'flag'].includes(kind)
}
