/** What follows the bytes of a body. None of these may throw. */
export interface BodyNotes {
  bytes (chunk: Uint8Array): void
  done (): void
  fail (error: unknown): void
  /** Whoever read the body does so no more. */
  stop (): void
}

/**
 * The same response, whose body is followed as it is read: chunk by chunk, when its reader asks, never further. What a
 * Response says of where it came from cannot be given to a new one, so that is set on it.
 *
 * @throws {RangeError | TypeError} no Response can be made that says the same, as of a status beyond 599; the body is untouched
 */
export function watchBody (response: Response, body: ReadableStream<Uint8Array>, notes: BodyNotes): Response {
  const { url, redirected, type } = response
  const followed = follow(body, notes)
  const watched = new Response(followed.body, response)
  followed.begin()
  return Object.defineProperties(watched, {
    url: { value: url, configurable: true },
    redirected: { value: redirected, configurable: true },
    type: { value: type, configurable: true }
  })
}

/** What is read in place of a body, from when it is begun. */
interface Followed {
  readonly body: ReadableStream<Uint8Array>
  /** Before it, the body still belongs to whoever has it. */
  begin (): void
}

function follow (source: ReadableStream<Uint8Array>, notes: BodyNotes): Followed {
  let reader!: ReadableStreamDefaultReader<Uint8Array>
  const body = new ReadableStream({
    type: 'bytes',
    async pull (controller) {
      try {
        let { done, value } = await reader.read()
        // A stream of bytes takes no empty chunk, and does not ask again without one.
        while (!done && value?.byteLength === 0) ({ done, value } = await reader.read())
        if (done || value === undefined) {
          notes.done()
          controller.close()
          // Whoever waits with a buffer of its own is told that nothing comes into it.
          controller.byobRequest?.respond(0)
          return
        }
        // Handing a chunk on takes its memory away from here.
        notes.bytes(value)
        controller.enqueue(owned(value))
      } catch (error) {
        notes.fail(error)
        throw error
      }
    },
    async cancel (reason) {
      notes.stop()
      await reader.cancel(reason)
    }
  }, { highWaterMark: 0 })
  return { body, begin () { reader = source.getReader() } }
}

/** A part of a larger buffer is copied: the rest of that is somebody else's, or a chunk still to come. */
function owned (chunk: Uint8Array): Uint8Array {
  return chunk.byteLength === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk)
}
