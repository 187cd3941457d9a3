import { LETTA_OTEL_STORE_INVALID_PARAMETER, describeValue } from '../../errors.ts'
import { pairsIn } from './pairs.ts'
import { timeOf } from './time.ts'

/** What every kind of parameter says of itself. */
interface Described<Value> {
  /** Meaning, and the unit if there is one. */
  readonly description: string
  /** What counts when nothing is given; a parameter without one has to be given. */
  readonly default?: Value
}

/** Text of at most 1,024 characters. */
export interface TextParameter extends Described<string> { readonly kind: 'text' }
/** Hexadecimal digits, in either case: so many of them. */
export interface HexadecimalParameter extends Described<string> { readonly kind: 'hexadecimal', readonly digits: number }
/** A number from `minimum` to `maximum`; whole unless `fraction` is said. */
export interface NumberParameter extends Described<number> {
  readonly kind: 'number'
  readonly minimum: number
  readonly maximum: number
  readonly fraction?: boolean
}
/** One of a few words. */
export interface ChoiceParameter<Choice extends string = string> extends Described<Choice> {
  readonly kind: 'choice'
  readonly choices: readonly Choice[]
}
/** A point in time: `now`, a span before now (`-90s`, `-15m`, `-24h`, `-7d`), an ISO 8601 date, or a `Date`. */
export interface TimeParameter extends Described<string> { readonly kind: 'time' }
/** Names with values, at most 8: an object, or text such as `http.route=/v1/agents,user.id=user-1`, with `\,` for a comma and `\\` for a backslash. */
export interface PairsParameter extends Described<Readonly<Record<string, string>>> { readonly kind: 'pairs' }

export type ParameterDefinition = TextParameter | HexadecimalParameter | NumberParameter | ChoiceParameter | TimeParameter | PairsParameter
export type ParameterDefinitions = Readonly<Record<string, ParameterDefinition>>

type ValueOf<Definition> = Definition extends ChoiceParameter<infer Choice>
  ? Choice
  : Definition extends NumberParameter
    ? number
    : Definition extends TimeParameter
      ? string | Date
      : Definition extends PairsParameter ? Readonly<Record<string, string>> : string

type WithDefault<Definitions> = { [Name in keyof Definitions]: Definitions[Name] extends { default: unknown } ? Name : never }[keyof Definitions]

/** Values for a query's parameters; those that have a default may be left out. */
export type ParameterValues<Definitions extends ParameterDefinitions> =
  { [Name in Exclude<keyof Definitions, WithDefault<Definitions>>]: ValueOf<Definitions[Name]> } &
  { [Name in WithDefault<Definitions>]?: ValueOf<Definitions[Name]> | undefined }

/** What is bound in place of `{name:Type}`; times are whole nanoseconds since the epoch, as text, and pairs `name=value`. */
export type BoundParameters = Record<string, string | number | readonly string[]>

const TEXT_MAX_LENGTH = 1_024
const PAIRS_MAX = 8

/**
 * Values as they are bound: defaults filled in, text turned to what the definition says, everything checked.
 *
 * @param given by name: values of the right type, or text as a command line or a URL has it
 * @param now milliseconds since the epoch; what relative times count from
 * @throws LETTA_OTEL_STORE_INVALID_PARAMETER for a name the query has not, and for a value it cannot work with
 */
export function bindParameters (query: string, definitions: ParameterDefinitions, given: Readonly<Record<string, unknown>>, now: number): BoundParameters {
  const names = Object.keys(definitions)
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(definitions, name)) {
      throw new LETTA_OTEL_STORE_INVALID_PARAMETER(name, query, describeValue(given[name]), `the query has ${names.join(', ')}`)
    }
  }
  return Object.fromEntries(names.map(name => {
    const definition = definitions[name]!
    const value = given[name] ?? definition.default
    const bound = value === undefined ? undefined : valueOf(definition, value, now)
    if (bound === undefined) throw new LETTA_OTEL_STORE_INVALID_PARAMETER(name, query, describeValue(value), `give ${expected(definition)}`)
    return [name, bound]
  }))
}

/** The value as it is bound, or nothing when it cannot be. */
function valueOf (definition: ParameterDefinition, value: unknown, now: number): BoundParameters[string] | undefined {
  switch (definition.kind) {
    case 'text': return textOf(value)
    case 'hexadecimal': {
      const text = textOf(value)?.toLowerCase()
      return text?.length === definition.digits && /^[0-9a-f]+$/.test(text) ? text : undefined
    }
    case 'number': return numberOf(definition, value)
    case 'choice': return definition.choices.find(choice => choice === value)
    case 'time': return timeOf(value, now)?.toString()
    case 'pairs': return pairsOf(value)
  }
}

function textOf (value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= TEXT_MAX_LENGTH ? value : undefined
}

function numberOf ({ minimum, maximum, fraction = false }: NumberParameter, value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number >= minimum && number <= maximum)) return undefined
  return fraction || Number.isInteger(number) ? number : undefined
}

function pairsOf (value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return pairsOf(pairsIn(value))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  const works = entries.length <= PAIRS_MAX && entries.every(pair => pair.every(text => textOf(text) !== undefined))
  return works ? entries.map(pair => pair.join('=')) : undefined
}

/** What a value has to be, in words. */
export function expected (definition: ParameterDefinition): string {
  switch (definition.kind) {
    case 'text': return `text of at most ${TEXT_MAX_LENGTH} characters`
    case 'hexadecimal': return `${definition.digits} hexadecimal digits`
    case 'number': return `a ${definition.fraction === true ? '' : 'whole '}number from ${definition.minimum} to ${definition.maximum}`
    case 'choice': return `one of ${definition.choices.join(', ')}`
    case 'time': return 'now, a span before now such as -15m, -24h or -7d, or an ISO 8601 date from 1970 to 2262'
    case 'pairs': return `at most ${PAIRS_MAX} pairs such as name=value,other=value, with \\, for a comma`
  }
}
