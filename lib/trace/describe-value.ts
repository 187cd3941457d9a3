import { types } from 'node:util'
import { SUMMARY_IDS_MAX } from '../vocabulary/method-tracing.ts'

// Nothing here runs code of the value's: no getter, no trap of a proxy. Such code may throw, take long or change something.

/** Characters kept of a name or an id, which the value chooses. */
const NAME_MAX_LENGTH = 100

/** The name of a value's class, or what `typeof` says of what has none. */
export function typeName (value: unknown): string {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value === null ? 'null' : typeof value
  if (types.isProxy(value)) return 'Proxy'
  if (Array.isArray(value)) return 'Array'
  const constructor = dataProperty(value, 'constructor')
  const name = typeof constructor === 'function' ? textProperty(constructor, 'name') : ''
  return name === '' ? 'Object' : name.slice(0, NAME_MAX_LENGTH)
}

/** A property's value, the object's own or inherited; nothing where only running a getter or a proxy would tell. */
export function dataProperty (object: object, key: PropertyKey): unknown {
  for (let holder: object | null = object; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    if (types.isProxy(holder)) return undefined
    const descriptor = Object.getOwnPropertyDescriptor(holder, key)
    if (descriptor !== undefined) return descriptor.value
  }
  return undefined
}

/** A property that is text, empty where it is not. */
export function textProperty (object: object, key: PropertyKey): string {
  const text = dataProperty(object, key)
  return typeof text === 'string' ? text : ''
}

/** `<Type (id=…)>`, or `<Type>` of what has no id. */
export function instanceSummary (value: object): string {
  const id = idOf(value)
  return id === undefined ? `<${typeName(value)}>` : `<${typeName(value)} (id=${id})>`
}

/** What stands for a value that is left out: its type, and its id or the first ids of a list's items. */
export function excludedSummary (value: unknown): string {
  const ids = isList(value) ? listIds(value) : idOf(value)
  return ids === undefined ? `<${typeName(value)} (excluded)>` : `<${typeName(value)} (excluded, ${isList(value) ? 'ids' : 'id'}=${ids})>`
}

/** What stands for a collection that is too large to be shown. */
export function collectionSummary (value: object, count: number): string {
  return `<${typeName(value)} with ${count} items>`
}

/** Larger ones take a time that grows with the square of their digits to be text. */
const BIGINT_MAX = 2n ** 4_096n

export function bigintText (value: bigint): string {
  return value > BIGINT_MAX || value < -BIGINT_MAX ? '<bigint of more than 4096 bits>' : String(value)
}

/** What stands for a value that cannot be turned to text. */
export function failureText (error: unknown): string {
  return `<serialization failed: ${typeName(error)}>`
}

function isList (value: unknown): value is unknown[] {
  return Array.isArray(value) && !types.isProxy(value)
}

function listIds (items: readonly unknown[]): string | undefined {
  const ids: string[] = []
  for (let index = 0; index < items.length && index < SUMMARY_IDS_MAX; index++) {
    const id = idOf(dataProperty(items, index))
    if (id !== undefined) ids.push(id)
  }
  if (ids.length === 0) return undefined
  return items.length > SUMMARY_IDS_MAX ? `[${ids.join(',')}... (${items.length} total)]` : `[${ids.join(',')}]`
}

function idOf (value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const id = dataProperty(value, 'id')
  if (typeof id === 'string') return id.slice(0, NAME_MAX_LENGTH)
  return typeof id === 'number' || typeof id === 'bigint' ? (typeof id === 'bigint' ? bigintText(id) : String(id)).slice(0, NAME_MAX_LENGTH) : undefined
}
