import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import { isSecret, namesSecret } from '../vocabulary/secrets.ts'

/** Says what an option's value should have been, or nothing when the value is right. */
export type Check = (value: unknown) => string | undefined

const isRecord = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === '[object Object]'

export const text: Check = value => typeof value === 'string' && value !== '' ? undefined : 'use a text that is not empty'

export const flag: Check = value => typeof value === 'boolean' ? undefined : 'use true or false'

const callable: Check = value => typeof value === 'function' ? undefined : 'use a function'

export const oneOf = (...names: string[]): Check => value =>
  typeof value === 'string' && names.includes(value) ? undefined : `use one of ${names.map(name => `'${name}'`).join(', ')}`

export const either = (...checks: Check[]): Check => value => {
  const problems = checks.map(check => check(value))
  return problems.includes(undefined) ? undefined : problems.join(', or ')
}

export const never: Check = value => value === false ? undefined : 'use false'

/** setTimeout() takes a 32-bit number; a longer delay would fire at once. */
export const MILLISECONDS_MAX = 2 ** 31 - 1

export const milliseconds = (least: number): Check => value =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= MILLISECONDS_MAX
    ? undefined
    : `use a whole number of milliseconds from ${least} to ${MILLISECONDS_MAX}`

export const ratio: Check = value =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'use a number from 0 to 1'

/** US dollars. */
export const price: Check = value =>
  typeof value === 'number' && value >= 0 && value < Infinity ? undefined : 'use a number of US dollars for a million tokens, from 0'

export const regularExpression: Check = value => value instanceof RegExp ? undefined : 'use a RegExp'

/** Below this, what is kept of a value would be nothing but the note that it was cut off. */
const SIZE_MIN = 256
/** A store takes no more in one piece, and this has to be in memory as often as calls are under way. */
const SIZE_MAX = 16_777_216

export const characters: Check = value =>
  Number.isInteger(value) && (value as number) >= SIZE_MIN && (value as number) <= SIZE_MAX
    ? undefined
    : `use a whole number of characters from ${SIZE_MIN} to ${SIZE_MAX}`

export const count = (least: number, most: number): Check => value =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most ? undefined : `use a whole number from ${least} to ${most}`

/** A record in which these keys have to be. */
export const complete = (keys: readonly string[], check: Check): Check => value => {
  const missing = isRecord(value) ? keys.find(key => value[key] === undefined) : undefined
  return check(value) ?? (missing === undefined ? undefined : `${missing}: missing`)
}

export const url: Check = value => {
  if (typeof value !== 'string' || !URL.canParse(value)) return 'use a URL such as http://127.0.0.1:4318'
  return ['http:', 'https:'].includes(new URL(value).protocol) ? undefined : 'use an http: or https: URL (OTLP over HTTP, port 4318)'
}

export const listOf = (check: Check): Check => value => {
  if (!Array.isArray(value)) return 'use an array'
  for (const item of value) {
    const problem = check(item)
    if (problem !== undefined) return `item ${describeValue(item)}: ${problem}`
  }
  return undefined
}

export const pattern: Check = value =>
  value instanceof RegExp ? undefined : text(value) && "use 'METHOD /route', '/route' or a RegExp"

const NAMES_SECRET = 'it names a secret, which is never recorded; remove it'

export const publicName: Check = value => text(value) ?? (namesSecret(value as string) ? NAMES_SECRET : undefined)

/** Names of HTTP headers (RFC 9110 tokens). */
export const headerName: Check = value =>
  typeof value === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value) ? undefined : 'use the name of an HTTP header'

/** Names of headers that may be recorded; their values are texts. */
export const publicHeaderName: Check = value => text(value) ?? (isSecret(value as string, '') ? NAMES_SECRET : headerName(value))

/** Values of HTTP headers (RFC 9110), which are never shown. */
export const headerValue: Check = value =>
  typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]+$/.test(value) ? undefined : 'use a text of one line'

/** Values of resource attributes; undefined is left out. */
export const attributeValue: Check = value => {
  const items: unknown[] = Array.isArray(value) ? value : [value]
  return items.every(item => typeof item === 'string' || typeof item === 'boolean' || Number.isFinite(item))
    ? undefined
    : 'use a text, a number, true, false, or an array of them'
}

/** A function that answers at once: a promise of an answer would count as one. */
export const synchronous: Check = value =>
  callable(value) ?? ((value as { constructor: { name?: string } }).constructor.name === 'AsyncFunction' ? 'use a function that is not async' : undefined)

/** Whose keys are checked by whoever uses it. */
export const record: Check = value => isRecord(value) ? undefined : 'use an object'

export const recordOf = (checkKey: Check, check: Check): Check => value => {
  if (!isRecord(value)) return 'use an object'
  for (const [key, item] of Object.entries(value)) {
    const problem = checkKey(key) ?? check(item)
    if (problem !== undefined) return `entry "${key}": ${problem}`
  }
  return undefined
}

export const object = (method: string, what: string): Check => value =>
  isRecord(value) && typeof value[method] === 'function' ? undefined : `use ${what}`

/** An object whose every key is known. */
export const shape = (checks: Readonly<Record<string, Check>>): Check => value => {
  if (!isRecord(value)) return 'use an object'
  return firstProblem(checks, value)?.join(': ')
}

/** The first key of `value` that is unknown or ill-typed, and what to do about it. */
function firstProblem (checks: Readonly<Record<string, Check>>, value: Record<string, unknown>): [key: string, fix: string] | undefined {
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined
    const fix = check === undefined ? `unknown; use one of ${Object.keys(checks).join(', ')}` : check(value[key])
    if (fix !== undefined) return [key, fix]
  }
  return undefined
}

/**
 * Throws for the first option that is unknown or ill-typed.
 *
 * @param nameOf what the message calls an option
 * @throws {LETTA_OTEL_INVALID_OPTION}
 */
export function checkOptions (checks: Readonly<Record<string, Check>>, options: unknown, nameOf = (name: string): string => name): void {
  if (!isRecord(options)) throw new LETTA_OTEL_INVALID_OPTION('options', describeValue(options), 'use an object')
  const problem = firstProblem(checks, options)
  if (problem === undefined) return
  const [name, fix] = problem
  throw new LETTA_OTEL_INVALID_OPTION(nameOf(name), describeValue(options[name]), fix)
}
