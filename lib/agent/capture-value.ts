import { DEPTH_MAX, TOO_DEEP } from '../redaction/redact-json.ts'
import { setMember } from '../redaction/set-member.ts'
import { bigintText, collectionSummary, failureText } from '../trace/describe-value.ts'
import { MORE, PAYLOAD_BOUNDS, roomFor, withoutLastWord, type PayloadBounds } from './payload-bounds.ts'

/** Values after which there may be a pause. */
const PART = 64

/** Characters of a key: what is longer is none that anybody looks for. */
const KEY_MAX = 1_024

/**
 * A value that somebody hands over, as JSON would have it, within bounds: what is copied here can be worked on. It may be left
 * wherever it yields. Never throws: what cannot be read says so in its place.
 */
export function * captureValue (value: unknown, bounds = PAYLOAD_BOUNDS): Generator<unknown, unknown> {
  return yield * new ValueCapture(bounds).take({ '': value }, '')
}

class ValueCapture {
  readonly #bounds: PayloadBounds
  #values = 0
  #characters = 0
  readonly #ancestors: object[] = []

  constructor (bounds: PayloadBounds) {
    this.#bounds = bounds
  }

  get #isFull (): boolean {
    return this.#values >= this.#bounds.values || roomFor(this.#characters, this.#bounds) === 0
  }

  /** @returns undefined for what JSON leaves out */
  * take (holder: object, key: string): Generator<unknown, unknown> {
    if (++this.#values % PART === 0) yield
    try {
      const value = converted((holder as Readonly<Record<string, unknown>>)[key], key)
      if (typeof value === 'object' && value !== null) return yield * this.#takeObject(value)
      return typeof value === 'string' ? this.#takeText(value) : plain(value)
    } catch (error) {
      return failureText(error)
    }
  }

  #takeText (text: string): string {
    const room = roomFor(this.#characters, this.#bounds)
    const kept = text.length <= room ? text : `${withoutLastWord(text.slice(0, room))}${MORE} (truncated, original size: ${text.length} chars)`
    this.#characters += kept.length
    return kept
  }

  * #takeObject (object: object): Generator<unknown, unknown> {
    if (this.#ancestors.includes(object)) return '<circular>'
    if (this.#ancestors.length >= DEPTH_MAX) return TOO_DEEP
    // As JSON, each byte would be a member.
    if (ArrayBuffer.isView(object)) return collectionSummary(object, object.byteLength)
    this.#ancestors.push(object)
    try {
      return Array.isArray(object) ? yield * this.#takeItems(object) : yield * this.#takeMembers(object)
    } finally {
      this.#ancestors.pop()
    }
  }

  /** From both ends in turn: of a conversation, the beginning and what was said last. */
  * #takeItems (items: readonly unknown[]): Generator<unknown, unknown[]> {
    const { length } = items
    const first: unknown[] = []
    const last: unknown[] = []
    while (first.length + last.length < length && !this.#isFull) {
      const isFirst = first.length === last.length
      const index = isFirst ? first.length : length - 1 - last.length
      const item = (yield * this.take(items, String(index))) ?? null
      if (isFirst) first.push(item)
      else last.push(item)
    }
    const left = length - first.length - last.length
    if (left > 0) first.push(`${MORE} (${left} more items)`)
    return first.concat(last.reverse())
  }

  * #takeMembers (object: object): Generator<unknown, unknown> {
    const taken: Record<string, unknown> = {}
    let count = 0
    // To ask for all keys takes several times as long, where there are many.
    for (const key in object) {
      if (!Object.hasOwn(object, key)) continue
      if (this.#isFull || count >= this.#bounds.members) {
        taken[MORE] = 'more keys'
        break
      }
      // Its place tells it from others that are cut off.
      const kept = key.length <= KEY_MAX ? key : `${withoutLastWord(key.slice(0, KEY_MAX))}${MORE} (key ${count + 1}, original size: ${key.length} chars)`
      this.#characters += kept.length
      const value = yield * this.take(object, key)
      if (value === undefined) continue
      setMember(taken, kept, value)
      count++
    }
    return taken
  }
}

/** What an object says that it is as JSON: a date its text. Bytes of a `Buffer` would be a number each. */
function converted (value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' ? (toJSON as (key: string) => unknown).call(value, key) : value
}

function plain (value: unknown): unknown {
  switch (typeof value) {
    case 'number': return Number.isFinite(value) ? value : null
    case 'bigint': return bigintText(value)
    case 'function':
    case 'symbol': return undefined
    default: return value
  }
}
