/** One server-sent event with data. */
export interface ServerSentEvent {
  /** `message` where the stream does not say. */
  readonly event: string
  readonly data: string
}

/** Characters of one event: whatever is longer is let go. An answer's whole text may come along with its last event. */
const EVENT_MAX = 4_194_304

/**
 * Reads server-sent events (HTML standard, 9.2.6) from bytes as they pass, however these are split. It keeps no more than
 * the event that has begun.
 */
export class SseParser {
  readonly #emit: (event: ServerSentEvent) => void
  readonly #decoder = new TextDecoder()
  /** A line that has not ended yet. */
  #line = ''
  #lineLength = 0
  #data: string[] = []
  #event = ''
  /** Characters of the event so far, also of what was let go. */
  #size = 0
  #skipLineFeed = false

  constructor (emit: (event: ServerSentEvent) => void) {
    this.#emit = emit
  }

  push (chunk: Uint8Array): void {
    this.#read(this.#decoder.decode(chunk, { stream: true }))
  }

  #read (text: string): void {
    let start = 0
    if (this.#skipLineFeed && text !== '') {
      this.#skipLineFeed = false
      if (text[0] === '\n') start = 1
    }
    // Each is looked for again only when it was passed: most streams have no carriage return at all.
    let lineFeed = text.indexOf('\n', start)
    let carriageReturn = text.indexOf('\r', start)
    while (lineFeed !== -1 || carriageReturn !== -1) {
      const atReturn = carriageReturn !== -1 && (lineFeed === -1 || carriageReturn < lineFeed)
      const end = atReturn ? carriageReturn : lineFeed
      this.#endLine(text.slice(start, end))
      start = end + 1
      if (atReturn) {
        if (start === text.length) this.#skipLineFeed = true
        else if (start === lineFeed) start++
        carriageReturn = text.indexOf('\r', start)
      }
      if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf('\n', start)
    }
    this.#keep(text.slice(start))
  }

  #keep (part: string): void {
    this.#lineLength += part.length
    this.#size += part.length
    if (this.#size <= EVENT_MAX) this.#line += part
    else this.#letGo()
  }

  #letGo (): void {
    this.#line = ''
    this.#data = []
  }

  #endLine (end: string): void {
    this.#keep(end)
    const line = this.#line
    const blank = this.#lineLength === 0
    this.#line = ''
    this.#lineLength = 0
    if (blank) this.#dispatch()
    else if (this.#size <= EVENT_MAX) this.#field(line)
  }

  #field (line: string): void {
    const colon = line.indexOf(':')
    // A comment, as those that keep connections alive, is no part of the event.
    if (colon === 0) this.#size -= line.length
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') this.#data.push(value)
    else if (name === 'event') this.#event = value
  }

  #dispatch (): void {
    const data = this.#data
    const event = this.#event
    this.#data = []
    this.#event = ''
    this.#size = 0
    if (data.length > 0) this.#emit({ event: event === '' ? 'message' : event, data: data.join('\n') })
  }
}
