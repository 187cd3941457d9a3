/** A severity as OTLP has it; number 0 and no text where nothing is known. */
export interface Severity {
  readonly number: number
  readonly text: string
}

const UNKNOWN: Severity = Object.freeze({ number: 0, text: '' })

/** pino's levels, from the highest; each is the first of the four severities of its name. */
const LEVELS = Object.freeze([
  { level: 60, number: 21, text: 'fatal' },
  { level: 50, number: 17, text: 'error' },
  { level: 40, number: 13, text: 'warn' },
  { level: 30, number: 9, text: 'info' },
  { level: 20, number: 5, text: 'debug' },
  { level: 10, number: 1, text: 'trace' }
])

const BY_LEVEL: ReadonlyMap<number, Severity> = new Map(LEVELS.map(known => [known.level, known]))

/** What pino calls its levels. */
export const LEVEL_NAMES: ReadonlyMap<number, string> = new Map(LEVELS.map(({ level, text }) => [level, text]))

/** Names that other loggers, and formatters of pino's levels, use. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['trace', 1], ['debug', 5], ['info', 9], ['notice', 10], ['warn', 13], ['warning', 13],
  ['error', 17], ['critical', 18], ['alert', 19], ['fatal', 21], ['emergency', 21]
])

/**
 * A level of one's own has the number of the level below it, and its name as text.
 *
 * @param names of levels by number; a level that has none is named by its number
 */
export function severityOf (level: unknown, names: Readonly<Record<string, string>> = {}): Severity {
  if (typeof level === 'string') return { number: NUMBERS.get(level.toLowerCase()) ?? numberOfName(level, names), text: level }
  if (typeof level !== 'number') return UNKNOWN
  const known = BY_LEVEL.get(level)
  if (known !== undefined && !Object.hasOwn(names, level)) return known
  const below = LEVELS.find(candidate => level >= candidate.level)
  return { number: below?.number ?? 1, text: Object.hasOwn(names, level) ? String(names[level]) : String(level) }
}

function numberOfName (name: string, names: Readonly<Record<string, string>>): number {
  const level = Object.keys(names).find(number => names[number] === name)
  return level === undefined ? 0 : severityOf(Number(level)).number
}
