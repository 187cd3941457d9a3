/** Bytes kept of one field's value. */
const VALUE_MAX = 65_536
const NAME_MAX = 64

const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58
const OPEN_ARRAY = 91
const OPEN_OBJECT = 123
const BRACKETS: ReadonlySet<number> = new Set([OPEN_ARRAY, OPEN_OBJECT, 93, 125])

/**
 * Picks fields of the outermost JSON object from bytes as they pass, and keeps nothing else: an answer with embeddings is
 * tens of megabytes long, and what it cost stands at its end. What is no JSON gives no fields.
 */
export class JsonFields {
  readonly #wanted: ReadonlySet<string>
  readonly #values = new Map<string, unknown>()
  readonly #names = new Set<string>()
  #depth = 0
  #inString = false
  /** The last backslash of the chunk before escapes the first byte of the next. */
  #escaped = false
  #expectsName = false
  #name = ''
  /** Bytes of the name or value that is being read, in one-byte characters; nothing where it is not wanted. */
  #text: string | undefined

  constructor (wanted: readonly string[]) {
    this.#wanted = new Set(wanted)
  }

  /** The value of a wanted field; undefined where it is absent, not complete yet, too long or no JSON. */
  get (name: string): unknown {
    return this.#values.get(name)
  }

  /** Whether the object has a field of this name, wanted or not. */
  has (name: string): boolean {
    return this.#names.has(name)
  }

  push (chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) at = this.#inString ? this.#readString(chunk, at) : this.#readStructure(chunk, at)
  }

  /** Reads on to the end of a string, or of the chunk. */
  #readString (bytes: Uint8Array, start: number): number {
    let at = this.#escaped ? start + 1 : start
    let end: number
    do {
      const quote = bytes.indexOf(QUOTE, at)
      end = quote === -1 ? bytes.length : quote
      this.#escaped = isEscaped(bytes, at, end)
      at = end + 1
    } while (this.#escaped && at <= bytes.length)
    const next = Math.min(end + 1, bytes.length)
    this.#keep(bytes, start, next)
    if (end === bytes.length) return next
    this.#inString = false
    if (this.#expectsName) this.#endName()
    return next
  }

  /** Reads on to what changes the state, or to the end of the chunk. */
  #readStructure (bytes: Uint8Array, start: number): number {
    let at = start
    // Nothing but brackets and quotes matters inside a value of the object, and all else has small codes or lies between.
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE || byte === COMMA || byte === COLON ? this.#depth === 1 || byte === QUOTE : byte >= OPEN_ARRAY && BRACKETS.has(byte)) break
    }
    this.#keep(bytes, start, at)
    if (at < bytes.length) this.#change(bytes, at)
    return at + 1
  }

  #change (bytes: Uint8Array, at: number): void {
    switch (bytes[at]) {
      case QUOTE:
        if (this.#depth === 1 && this.#expectsName) this.#text = ''
        this.#inString = true
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        this.#expectsName = ++this.#depth === 1 && bytes[at] === OPEN_OBJECT
        break
      case COMMA:
        this.#endValue()
        this.#expectsName = true
        return
      case COLON:
        this.#text = this.#wanted.has(this.#name) ? '' : undefined
        return
      default:
        if (--this.#depth === 0) this.#endValue()
    }
    this.#keep(bytes, at, at + 1)
  }

  #endName (): void {
    this.#expectsName = false
    this.#name = parsed(this.#text) as string | undefined ?? ''
    this.#text = undefined
    if (this.#name.length <= NAME_MAX && this.#names.size < 1_000) this.#names.add(this.#name)
  }

  #endValue (): void {
    const value = parsed(this.#text)
    if (value !== undefined) this.#values.set(this.#name, value)
    this.#text = undefined
  }

  #keep (bytes: Uint8Array, start: number, end: number): void {
    if (this.#text === undefined || start === end) return
    if (this.#text.length + end - start > VALUE_MAX) this.#text = undefined
    else this.#text += Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  }
}

/** Whether an odd number of backslashes stands before a byte, none of them before `start`. */
function isEscaped (bytes: Uint8Array, start: number, at: number): boolean {
  let before = at
  while (before > start && bytes[before - 1] === BACKSLASH) before--
  return (at - before) % 2 === 1
}

function parsed (latin1: string | undefined): unknown {
  if (latin1 === undefined || latin1 === '') return undefined
  try {
    return JSON.parse(Buffer.from(latin1, 'latin1').toString())
  } catch {
    return undefined
  }
}
