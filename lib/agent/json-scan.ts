import type { PayloadBounds } from './payload-bounds.ts'

/** Containers within each other: of more, as of brackets alone, each byte would take the memory of a container. */
const DEPTH_MAX = 10_000

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** An array or object that has not ended yet. */
export interface OpenContainer {
  readonly isObject: boolean
  /** The key that it is the value of, within its quotes; in an array, the last one before it. */
  readonly keyStart: number
  readonly keyEnd: number
  /** Members or items until now, with the one that is being read. */
  count: number
}

/** Reads JSON by its brackets, commas and quotes alone. Of an object with too many members, the rest is read over. */
export abstract class JsonScan {
  protected readonly bytes: Buffer
  protected readonly bounds: PayloadBounds
  protected readonly open: OpenContainer[] = []
  /** Members and items that were read. */
  protected values = 0
  #at = 0
  /** Where the text began that is being read. */
  #text: number | undefined
  #expectsKey = false
  #keyStart = 0
  #keyEnd = 0
  /** How many containers were open where the rest of the innermost began to be read over. */
  #full: number | undefined
  #isTooDeep = false

  constructor (bytes: Buffer, bounds: PayloadBounds) {
    this.bytes = bytes
    this.bounds = bounds
  }

  get isDone (): boolean {
    return this.#isTooDeep || this.#at >= this.bytes.length
  }

  /** Whether it may be JSON, as far as brackets and quotes tell. */
  get isWhole (): boolean {
    return !this.#isTooDeep && this.open.length === 0 && this.#text === undefined
  }

  /** A text or key has been read, from `start` to `end` within its quotes. */
  protected abstract onText (start: number, end: number, isKey: boolean): void
  /** A comma has been read: what comes next is counted already. */
  protected abstract onNext (at: number): void
  /** From this comma on, members are too many. */
  protected abstract onFull (at: number): void
  /** The innermost container ends. @param isFull whether it had too many members */
  protected abstract onLeave (at: number, isFull: boolean): void

  readOn (length: number): void {
    const until = Math.min(this.#at + length, this.bytes.length)
    while (this.#at < until && !this.#isTooDeep) {
      if (this.#text === undefined) this.#readStructure(until)
      else this.#readText(this.#text)
    }
  }

  #readStructure (until: number): void {
    for (let at = this.#at; at < until && !this.#isTooDeep; at++) {
      switch (this.bytes[at]) {
        case QUOTE:
          this.#text = this.#at = at + 1
          return
        case COMMA: this.#next(at); break
        case OPEN_ARRAY: this.#enter(false); break
        case OPEN_OBJECT: this.#enter(true); break
        case CLOSE_ARRAY:
        case CLOSE_OBJECT: this.#leave(at)
      }
    }
    this.#at = until
  }

  /** On to the next quote, which may be escaped. */
  #readText (start: number): void {
    const end = this.bytes.indexOf(QUOTE, this.#at)
    this.#at = end === -1 ? this.bytes.length : end + 1
    if (end === -1 || isEscaped(this.bytes, start, end)) return
    this.#text = undefined
    const isKey = this.#expectsKey
    if (isKey) {
      this.#keyStart = start
      this.#keyEnd = end
      this.#expectsKey = false
    }
    if (this.#full === undefined) this.onText(start, end, isKey)
  }

  #enter (isObject: boolean): void {
    if (this.#full === undefined) this.values++
    this.open.push({ isObject, keyStart: this.#keyStart, keyEnd: this.#keyEnd, count: 1 })
    this.#expectsKey = isObject
    this.#isTooDeep = this.open.length > DEPTH_MAX
  }

  #next (at: number): void {
    const innermost = this.open.at(-1)
    if (innermost === undefined) return
    // In an array there is no key to be expected.
    if (innermost.isObject) this.#expectsKey = true
    if (this.#full !== undefined) return
    if (innermost.isObject && innermost.count >= this.bounds.members) {
      this.#full = this.open.length
      this.onFull(at)
      return
    }
    this.values++
    innermost.count++
    this.onNext(at)
  }

  #leave (at: number): void {
    const isFull = this.#full === this.open.length
    if (isFull) this.#full = undefined
    if (this.#full === undefined && this.open.length > 0) this.onLeave(at, isFull)
    this.open.pop()
    this.#expectsKey = false
  }
}

function isEscaped (bytes: Buffer, start: number, at: number): boolean {
  let before = at
  while (before > start && bytes[before - 1] === BACKSLASH) before--
  return (at - before) % 2 === 1
}
