/** Objects and arrays within each other whose members are written one by one: a prompt is `{ messages: [{ … }, … ] }`. */
const DEPTH = 2
/** Items after which there may be a pause. */
const PART = 64
/** Pieces that are put together at a time: of tens of thousands at once, to do so takes milliseconds. */
const PIECES = 256

/** Characters of a text that are escaped at a time. */
const LONG = 65_536
/** Objects and arrays within an item, in which a long text is looked for: `{ content: [{ text: '…' }] }`. */
const TEXT_DEPTH = 4

/** The same as `JSON.stringify` of a value that is JSON. It may be left wherever it yields. */
export function * jsonInParts (value: unknown): Generator<unknown, string> {
  const text = new PiecedText()
  yield * write(value, text, 0)
  yield
  return text.whole
}

class PiecedText {
  #pieces: string[] = []
  readonly #chunks: string[] = []

  add (piece: string): void {
    if (this.#pieces.push(piece) < PIECES) return
    this.#chunks.push(this.#pieces.join(''))
    this.#pieces = []
  }

  get whole (): string {
    return [...this.#chunks, ...this.#pieces].join('')
  }
}

function * write (value: unknown, text: PiecedText, depth: number): Generator<unknown, void> {
  if (typeof value === 'string' && value.length > LONG) {
    yield * writeLong(value, text)
    return
  }
  if (typeof value !== 'object' || value === null || (depth >= DEPTH && !hasLongText(value, TEXT_DEPTH))) {
    text.add(JSON.stringify(value))
    return
  }
  let count = 0
  if (Array.isArray(value)) {
    text.add('[')
    for (const item of value) {
      if (count > 0) text.add(',')
      yield * write(item, text, depth + 1)
      if (++count % PART === 0) yield
    }
    text.add(']')
    return
  }
  text.add('{')
  for (const [key, member] of Object.entries(value)) {
    text.add(`${count > 0 ? ',' : ''}${JSON.stringify(key)}:`)
    yield * write(member, text, depth + 1)
    if (++count % PART === 0) yield
  }
  text.add('}')
}

function * writeLong (long: string, text: PiecedText): Generator<unknown, void> {
  text.add('"')
  for (let at = 0; at < long.length;) {
    // Half a character is escaped, a whole one is not.
    const last = at + LONG - 1
    const end = (long.codePointAt(last) ?? 0) > 0xffff ? last + 2 : last + 1
    text.add(JSON.stringify(long.slice(at, end)).slice(1, -1))
    yield
    at = end
  }
  text.add('"')
}

function hasLongText (value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.length > LONG
  if (typeof value !== 'object' || value === null || depth === 0) return false
  for (const key in value) if (hasLongText((value as Readonly<Record<string, unknown>>)[key], depth - 1)) return true
  return false
}
