import { MORE, PAYLOAD_BOUNDS, roomFor, type PayloadBounds } from './payload-bounds.ts'

/** Bytes after which there may be a pause. */
const PART = 65_536

/** Containers within each other: of more, as of brackets alone, each byte would take the memory of a container. */
const DEPTH_MAX = 10_000

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/**
 * JSON text within bounds, so that parsing it takes a bounded time: long texts are cut off, and members and items left out that
 * are too many. It is still JSON where it was. It may be left wherever it yields.
 *
 * @returns the very bytes where nothing is too much; nothing where they are no JSON, as far as brackets and quotes tell, or too deep
 */
export function * shrinkJson (bytes: Buffer, bounds = PAYLOAD_BOUNDS): Generator<unknown, Buffer | undefined> {
  const shrinking = new JsonShrinking(bytes, bounds)
  while (!shrinking.isDone) {
    shrinking.readOn(PART)
    yield
  }
  return shrinking.result
}

class JsonShrinking {
  readonly #bytes: Buffer
  readonly #bounds: PayloadBounds
  readonly #kept: Buffer[] = []
  #at = 0
  /** Bytes from here on are kept. */
  #from = 0
  #left = 0
  #values = 0
  /** Where the text began that is being read. */
  #text: number | undefined
  /** Containers that are open, and how many members or items each had until now. */
  readonly #open: Array<{ readonly isObject: boolean, count: number }> = []
  /** How many were open where the rest of the innermost began to be left out. */
  #skipped: number | undefined
  #isTooDeep = false

  constructor (bytes: Buffer, bounds: PayloadBounds) {
    this.#bytes = bytes
    this.#bounds = bounds
  }

  get isDone (): boolean {
    return this.#isTooDeep || this.#at >= this.#bytes.length
  }

  get result (): Buffer | undefined {
    if (this.#isTooDeep || this.#open.length > 0 || this.#text !== undefined) return undefined
    return this.#kept.length === 0 ? this.#bytes : Buffer.concat([...this.#kept, this.#bytes.subarray(this.#from)])
  }

  readOn (length: number): void {
    const until = Math.min(this.#at + length, this.#bytes.length)
    while (this.#at < until && !this.#isTooDeep) {
      if (this.#text === undefined) this.#readStructure(until)
      else this.#readText(this.#text)
    }
  }

  #readStructure (until: number): void {
    for (let at = this.#at; at < until && !this.#isTooDeep; at++) {
      switch (this.#bytes[at]) {
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
    const end = this.#bytes.indexOf(QUOTE, this.#at)
    this.#at = end === -1 ? this.#bytes.length : end + 1
    if (end === -1 || isEscaped(this.#bytes, start, end)) return
    this.#text = undefined
    const room = roomFor(start - this.#left, this.#bounds)
    if (this.#skipped === undefined && end - start > room) this.#replace(cutBefore(this.#bytes, start, start + room), end, `${MORE} (truncated, original size: ${end - start} bytes)`)
  }

  #enter (isObject: boolean): void {
    if (this.#skipped === undefined) this.#values++
    this.#open.push({ isObject, count: 1 })
    this.#isTooDeep = this.#open.length > DEPTH_MAX
  }

  #next (at: number): void {
    const innermost = this.#open.at(-1)
    if (innermost === undefined || this.#skipped !== undefined) return
    const isFull = ++this.#values >= this.#bounds.values || at - this.#left >= this.#bounds.characters
    if (!isFull && !(innermost.isObject && innermost.count >= this.#bounds.members)) {
      innermost.count++
      return
    }
    this.#skipped = this.#open.length
    this.#keep(at)
  }

  #leave (at: number): void {
    if (this.#skipped === this.#open.length) {
      this.#skipped = undefined
      this.#replace(this.#from, at, this.#open.at(-1)?.isObject === true ? `,"${MORE}":"more keys"` : `,"${MORE} (more items)"`)
    }
    this.#open.pop()
  }

  /** Keeps what came until here, and nothing from here on until that is said. */
  #keep (end: number): void {
    this.#kept.push(this.#bytes.subarray(this.#from, end))
    this.#from = end
  }

  #replace (start: number, end: number, text: string): void {
    this.#keep(start)
    this.#kept.push(Buffer.from(text))
    this.#left += end - start
    this.#from = end
  }
}

function isEscaped (bytes: Buffer, start: number, at: number): boolean {
  let before = at
  while (before > start && bytes[before - 1] === BACKSLASH) before--
  return (at - before) % 2 === 1
}

/** Bytes of a word that are more than any secret has. */
const WORD_MAX = 4_096
/** Letters of the longest escape. */
const ESCAPE_MAX = 6
const SPACE = 32

/** The end of a word before a byte, which may be in the midst of a secret, a character or an escape. */
function cutBefore (bytes: Buffer, start: number, end: number): number {
  const least = Math.max(start, end - WORD_MAX)
  // Not in all that comes before: each text that is cut off would cost as much as the whole.
  const space = bytes.subarray(least, end).lastIndexOf(SPACE)
  if (space !== -1) return least + space
  let cut = least
  while (cut > start && ((bytes[cut] as number) & 0xc0) === 0x80) cut--
  const first = Math.max(start, cut - ESCAPE_MAX + 1)
  const escape = bytes.subarray(first, cut).lastIndexOf(BACKSLASH)
  return escape === -1 ? cut : escapeStart(bytes, start, first + escape)
}

/** Where a row of backslashes begins: before it there is no escape. */
function escapeStart (bytes: Buffer, start: number, last: number): number {
  let first = last
  while (first > start && bytes[first - 1] === BACKSLASH) first--
  return first
}
