/** How the first line of server-sent events begins that is not blank. */
const FIRST_LINES = ['data:', 'event:', 'id:', 'retry:', ':']
const BLANK_LINES = /^[\r\n]*/
/** Bytes after which what could still be events is none. */
const BYTES_MAX = 64

/** Tells by its first bytes whether an answer is a stream of server-sent events, however these bytes are split. */
export class AnswerBeginning {
  #chunks: Uint8Array[] = []
  #isEvents: boolean | undefined

  /** Undefined as long as there are too few bytes to tell. */
  get isEvents (): boolean | undefined {
    return this.#isEvents
  }

  /** @returns the chunks that it can be told of now what they are; later ones need not be given */
  add (chunk: Uint8Array): readonly Uint8Array[] {
    // However many of these come, they tell nothing.
    if (chunk.byteLength === 0) return []
    const bytes = Buffer.concat([...this.#chunks, chunk.subarray(0, BYTES_MAX)])
    // A character of which only a part has come, as a byte order mark may be, is not there yet.
    const line = new TextDecoder().decode(bytes, { stream: true }).replace(BLANK_LINES, '')
    if (FIRST_LINES.some(first => line.startsWith(first))) this.#isEvents = true
    else if (bytes.length >= BYTES_MAX || !FIRST_LINES.some(first => first.startsWith(line))) this.#isEvents = false
    if (this.#isEvents !== undefined) return [...this.#chunks.splice(0), chunk]
    // Whoever reads the chunk may take its memory away.
    this.#chunks.push(Uint8Array.from(chunk))
    return []
  }

  /** @returns the chunks of which nothing was told, where no more will come: they are no events */
  end (): readonly Uint8Array[] {
    this.#isEvents ??= false
    return this.#chunks.splice(0)
  }
}
