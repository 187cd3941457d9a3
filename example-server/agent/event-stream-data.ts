/** Characters one event may have; a provider that sends more is broken. */
const EVENT_MAX_LENGTH = 1024 * 1024

// A carriage return at the very end may be the first half of a CR LF whose other half is still on its way.
const LINE_END = /\r\n|\n|\r(?!$)/

/**
 * Reads `text/event-stream` and yields the data of each event. The bytes may be cut anywhere, also inside a character
 * or a line end. An event that is not finished by an empty line is left out, as the specification says.
 */
export async function * eventStreamData (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  const event = new EventData()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(LINE_END)
    rest = lines.pop() ?? ''
    if (rest.length + event.length > EVENT_MAX_LENGTH) throw new Error('an event of the stream is longer than 1 MiB')
    for (const line of lines) {
      const data = event.addLine(line)
      if (data !== undefined) yield data
    }
  }
  const data = rest.endsWith('\r') ? event.addLine(rest.slice(0, -1)) : undefined
  if (data !== undefined) yield data
}

/** The data lines of the event that is being read. */
class EventData {
  #lines: string[] = []
  length = 0

  /** @returns the data of an event that this line finishes */
  addLine (line: string): string | undefined {
    if (line === '') return this.#finish()
    const colon = line.indexOf(':')
    if ((colon === -1 ? line : line.slice(0, colon)) !== 'data') return undefined
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    this.#lines.push(value)
    this.length += value.length
    return undefined
  }

  #finish (): string | undefined {
    const lines = this.#lines
    this.#lines = []
    this.length = 0
    return lines.length === 0 ? undefined : lines.join('\n')
  }
}
