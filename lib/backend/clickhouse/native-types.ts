import { Exception } from './exception.ts'

/** A type, as far as it tells how many bytes its values take. */
export type NativeType =
  | { readonly kind: 'fixed', readonly bytes: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'nullable' | 'array' | 'dictionary', readonly inner: NativeType }
  | { readonly kind: 'tuple', readonly inner: readonly NativeType[] }

/** Names of types by the bytes of a value. */
const NAMES: ReadonlyArray<readonly [bytes: number, names: string]> = [
  [1, 'Nothing Bool UInt8 Int8 Enum8'],
  [2, 'UInt16 Int16 Enum16 Date BFloat16'],
  [4, 'UInt32 Int32 Float32 Date32 DateTime IPv4 Decimal32 Time'],
  [8, 'UInt64 Int64 Float64 DateTime64 Decimal64 Time64'],
  [16, 'UInt128 Int128 UUID IPv6 Decimal128'],
  [32, 'UInt256 Int256 Decimal256']
]
const FIXED: ReadonlyMap<string, number> = new Map(NAMES.flatMap(([bytes, names]) => names.split(' ').map(name => [name, bytes] as const)))

/** Decimal digits that fit into so many bytes. */
const DECIMALS = [[9, 4], [18, 8], [38, 16], [76, 32]] as const

/** @throws {Exception} the type is written in a way that is not known here */
export function parseNativeType (text: string): NativeType {
  const open = text.indexOf('(')
  const name = open === -1 ? text : text.slice(0, open)
  const inner = open === -1 ? [] : argumentsOf(text.slice(open + 1, -1))
  const [first = ''] = inner
  const bytes = FIXED.get(name) ?? (name.startsWith('Interval') ? 8 : undefined)
  if (bytes !== undefined) return { kind: 'fixed', bytes }
  switch (name) {
    case 'String': return { kind: 'text' }
    case 'FixedString': return { kind: 'fixed', bytes: Number(first) }
    case 'Decimal': return { kind: 'fixed', bytes: DECIMALS.find(([digits]) => Number(first) <= digits)?.[1] ?? 32 }
    case 'Nullable': return { kind: 'nullable', inner: parseNativeType(first) }
    case 'LowCardinality': return { kind: 'dictionary', inner: parseNativeType(first.replace(/^Nullable\((.*)\)$/s, '$1')) }
    case 'Array': return { kind: 'array', inner: parseNativeType(first) }
    case 'Map': return { kind: 'array', inner: { kind: 'tuple', inner: inner.map(parseNativeType) } }
    case 'Nested': return { kind: 'array', inner: tuple(inner) }
    case 'Tuple': return tuple(inner)
    case 'SimpleAggregateFunction': return parseNativeType(inner[1] ?? '')
    default: throw Exception.of(48, 'NOT_IMPLEMENTED', `values of type ${text.slice(0, 200)} cannot be sent in this form: convert them, with toString() or toJSONString() say`)
  }
}

/** Elements may have names. */
function tuple (elements: readonly string[]): NativeType {
  return { kind: 'tuple', inner: elements.map(element => parseNativeType(element.replace(/^(?:`(?:[^`\\]|\\.)*`|[A-Za-z_]\w*) +(?=[A-Z])/, ''))) }
}

/** Between commas that are in no parentheses and no quotes. */
function argumentsOf (text: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quote !== '') {
      if (character === '\\') at++
      else if (character === quote) quote = ''
    } else if (character === "'" || character === '`') quote = character
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === ',' && depth === 0) {
      found.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  found.push(text.slice(start).trim())
  return found
}
