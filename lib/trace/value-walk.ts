import { types } from 'node:util'
import { redactBeginning, type CloseLook } from '../redaction/redact-text.ts'
import { REDACTED, isSecret } from '../vocabulary/secrets.ts'
import { bigintText, collectionSummary, dataProperty, failureText, instanceSummary, textProperty, typeName } from './describe-value.ts'

/** Values that are looked at within one: what a walk costs has a bound, however few characters they have. */
const VALUES_MAX = 10_000
/** Levels of collections in each other. */
const DEPTH_MAX = 16

/** Characters of a value with URLs, or what may be secrets, that are kept: these take the time. */
export const CLOSE_LOOK = 65_536

/** Characters of a text that is cheaper to look through than to give to `JSON`. */
const SHORT_MAX = 64
/** Characters of a text that are written at a time. */
const CHUNK = 16_384

/** One walk through a value, which stops when its text is longer than the limit. */
export class ValueWalk {
  text = ''
  readonly #limit: number
  readonly #items: number
  readonly #ancestors: object[] = []
  #valuesLeft = VALUES_MAX
  readonly #look: CloseLook = { left: CLOSE_LOOK }
  /** A text was longer than all that is kept. */
  #isCut = false
  #isUnbounded = false

  constructor (limit: number, items: number) {
    this.#limit = limit
    this.#items = items
  }

  add (value: unknown): void {
    switch (typeof value) {
      case 'string': this.#addText(value); break
      case 'object': this.#addObject(value); break
      case 'function': this.#addString(`<function ${textProperty(value, 'name')}>`); break
      case 'bigint': this.#addString(bigintText(value)); break
      case 'symbol': this.#addString(String(value)); break
      default: this.text += String(value)
    }
  }

  /** It took time that no limit bounds. */
  get isUnbounded (): boolean {
    return this.#isUnbounded
  }

  /** There is more than is kept. */
  get isFull (): boolean {
    return this.#isCut || this.text.length > this.#limit
  }

  /** A text of the value's, which may be a secret or hold one. */
  #addText (text: string): void {
    const { text: redacted, isCut } = redactBeginning(text, this.#limit + 1, this.#look)
    this.#addString(redacted)
    if (isCut) this.#isCut = true
  }

  /** Within JSON as JSON has it; alone as it is. */
  #addString (text: string): void {
    if (this.text === '') {
      this.text = text.slice(0, this.#limit + 1)
      return
    }
    if (isShortAndPlain(text)) {
      this.text += `"${text}"`
      return
    }
    this.text += '"'
    const left = Math.max(this.#limit - this.text.length, 0)
    // What is cut off is no JSON any more, and to escape a long text takes milliseconds.
    if (text.length > left) {
      this.text += text.slice(0, left + 1)
      return
    }
    // What is escaped may be many times as long: it is not made just to be cut off.
    for (let at = 0; at < text.length && !this.isFull; at += CHUNK) this.text += JSON.stringify(text.slice(at, at + CHUNK)).slice(1, -1)
    this.text += '"'
  }

  #addObject (value: object | null): void {
    if (value === null) this.text += 'null'
    else if (types.isProxy(value)) this.#addString('<Proxy>')
    else if (this.#ancestors.includes(value)) this.#addString('<circular>')
    else if (isOfNoClass(value)) this.#addPlain(value)
    else if (Array.isArray(value)) this.#addCollection(value, value.length, () => { this.#addArray(value) })
    else if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) this.#addString(collectionSummary(value, sizeOfBinary(value)))
    else if (types.isDate(value)) this.#addString(Number.isNaN(Date.prototype.getTime.call(value)) ? 'Invalid Date' : Date.prototype.toISOString.call(value))
    else if (types.isMap(value)) this.#addCollection(value, sizeOf(Map.prototype, value), () => { this.#addMap(value) })
    else if (types.isSet(value)) this.#addCollection(value, sizeOf(Set.prototype, value), () => { this.#addSet(value) })
    else if (types.isNativeError(value)) this.#addText(`${typeName(value)}: ${textProperty(value, 'message')}`)
    else this.#addOther(value)
  }

  #addOther (value: object): void {
    const toJSON = dataProperty(value, 'toJSON')
    // A query and a password of a URL are no one's business.
    if (value instanceof URL) this.#addString(`${value.protocol}//${value.host}${value.pathname}`)
    else if (typeof toJSON === 'function') this.#addConverted(value, toJSON as () => unknown)
    else if (types.isRegExp(value) || types.isBoxedPrimitive(value)) this.#addString(`<${typeName(value)}>`)
    else if (isPlain(value)) this.#addPlain(value)
    // A request, a client or a pool leads to sockets and secrets, and no reader wants to see all of it.
    else this.#addString(instanceSummary(value))
  }

  /** What a class says of itself may well be wrong, or itself again. */
  #addConverted (value: object, toJSON: () => unknown): void {
    if (this.#ancestors.length >= DEPTH_MAX) {
      this.#addString(`<${typeName(value)}>`)
      return
    }
    let converted: unknown
    this.#isUnbounded = true
    try {
      converted = toJSON.call(value)
    } catch (error) {
      this.#addString(failureText(error))
      return
    }
    this.#within(value, () => { this.add(converted) })
  }

  #addPlain (value: object): void {
    if (this.#valuesLeft <= 0 || this.#ancestors.length >= DEPTH_MAX) {
      this.#addString(`<${typeName(value)}>`)
      return
    }
    const keys = Object.keys(value)
    if (keys.length > VALUES_MAX) this.#isUnbounded = true
    // To know them is what takes the time, whether they are shown or not.
    this.#valuesLeft -= keys.length
    this.#addCollection(value, keys.length, () => { this.#addProperties(value, keys) })
  }

  #addCollection (value: object, count: number, addItems: () => void): void {
    this.#valuesLeft--
    if (count > this.#items || count > this.#valuesLeft || this.#ancestors.length >= DEPTH_MAX) {
      this.#addString(collectionSummary(value, count))
      return
    }
    this.#valuesLeft -= count
    this.#within(value, addItems)
  }

  #within (value: object, work: () => void): void {
    this.#ancestors.push(value)
    work()
    this.#ancestors.pop()
  }

  /** Without the array's iterator, which can be replaced. */
  #addArray (items: readonly unknown[]): void {
    for (let index = 0; index < items.length; index++) {
      this.text += index === 0 ? '[' : ','
      this.add(Object.getOwnPropertyDescriptor(items, index)?.value ?? null)
      if (this.isFull) return
    }
    this.text += items.length === 0 ? '[]' : ']'
  }

  #addSet (set: ReadonlySet<unknown>): void {
    let separator = '['
    for (const item of Set.prototype.values.call(set)) {
      this.text += separator
      separator = ','
      this.add(item)
      if (this.isFull) return
    }
    this.text += separator === '[' ? '[]' : ']'
  }

  #addMap (map: ReadonlyMap<unknown, unknown>): void {
    let separator = '{'
    for (const [key, value] of Map.prototype.entries.call(map) as MapIterator<[unknown, unknown]>) {
      const name = typeof key === 'object' && key !== null ? instanceSummary(key) : String(key)
      this.#addProperty(separator, name, value)
      separator = ','
      if (this.isFull) return
    }
    this.text += separator === '{' ? '{}' : '}'
  }

  #addProperties (object: object, keys: readonly string[]): void {
    let separator = '{'
    for (const key of keys) {
      const descriptor = Object.getOwnPropertyDescriptor(object, key)
      if (descriptor === undefined || (descriptor.get === undefined && descriptor.value === undefined)) continue
      this.#addProperty(separator, key, descriptor.get === undefined ? descriptor.value : '<getter>')
      separator = ','
      if (this.isFull) return
    }
    this.text += separator === '{' ? '{}' : '}'
  }

  #addProperty (separator: string, key: string, value: unknown): void {
    this.text += separator
    this.#addString(key)
    this.text += ':'
    if (isSecret(key, value)) this.#addString(REDACTED)
    else this.add(value)
  }
}

/** Most keys and many values: text that JSON has as it is. */
function isShortAndPlain (text: string): boolean {
  if (text.length > SHORT_MAX) return false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // '"', '\\'
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false
  }
  return true
}

/** What most values are; nothing else has to be asked of them then. */
function isOfNoClass (value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && !Object.hasOwn(value, 'toJSON')
}

/** Objects of another realm, and those without a prototype, too. */
function isPlain (value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function sizeOf (prototype: object, collection: object): number {
  return Reflect.get(prototype, 'size', collection) as number
}

function sizeOfBinary (value: ArrayBufferView | ArrayBufferLike): number {
  return 'length' in value ? (value as Uint8Array).length : value.byteLength
}
