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

/** Names that other loggers, and formatters of pino's levels, use. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['trace', 1], ['debug', 5], ['info', 9], ['notice', 10], ['warn', 13], ['warning', 13],
  ['error', 17], ['critical', 18], ['alert', 19], ['fatal', 21], ['emergency', 21]
])

/** A level of one's own has the number of the level below it, and itself as text. */
export function severityOf (level: unknown): Severity {
  if (typeof level === 'string') return { number: NUMBERS.get(level.toLowerCase()) ?? 0, text: level }
  if (typeof level !== 'number') return UNKNOWN
  const below = LEVELS.find(known => level >= known.level)
  if (below?.level === level) return below
  return { number: below?.number ?? 1, text: String(level) }
}
