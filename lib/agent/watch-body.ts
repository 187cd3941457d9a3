/** What follows the bytes of a body. None of these may throw. */
export interface BodyNotes {
  bytes (chunk: Uint8Array): void
  done (): void
  fail (error: unknown): void
  /** Whoever read the body does so no more. */
  stop (): void
}

/** What of a response a new one cannot be given, so that it is set on it. */
type Origin = Pick<Response, 'url' | 'redirected' | 'type'>

/**
 * The same response, whose body is followed as it is read: chunk by chunk, when its reader asks, never further.
 *
 * @throws {RangeError | TypeError} no Response can be made that says the same, as of a status beyond 599; the body is untouched
 */
export function watchBody (response: Response, body: ReadableStream<Uint8Array>, notes: BodyNotes): Response {
  if (typeof body.getReader !== 'function') {
    // A fetch of somebody else's making may answer with streams of Node.
    notes.stop()
    return response
  }
  const { url, redirected, type } = response
  return withOrigin(new Response(follow(response, body, notes), response), { url, redirected, type })
}

function withOrigin (response: Response, origin: Origin): Response {
  return Object.defineProperties(response, {
    url: { value: origin.url, configurable: true },
    redirected: { value: origin.redirected, configurable: true },
    type: { value: origin.type, configurable: true },
    clone: { value: () => withOrigin(Response.prototype.clone.call(response), origin), configurable: true, writable: true }
  })
}

/**
 * The body is not taken before somebody reads it: as long as nobody has, fetch closes the connection of a response that was
 * dropped, which it can tell by the response alone. So that is kept for as long as what follows its body.
 */
function follow (response: Response, body: ReadableStream<Uint8Array>, notes: BodyNotes): ReadableStream<Uint8Array> {
  const taken: { response: Response, reader?: ReadableStreamDefaultReader<Uint8Array> } = { response }
  const read = async (): ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']> => await (taken.reader ??= body.getReader()).read()
  const cancel = async (reason: unknown): Promise<void> => {
    notes.stop()
    await (taken.reader ?? body).cancel(reason)
  }
  return isOfBytes(body) ? followBytes(read, cancel, notes) : followChunks(read, cancel, notes)
}

type Read = ReadableStreamDefaultReader<Uint8Array>['read']
type Cancel = (reason: unknown) => Promise<void>

function followBytes (read: Read, cancel: Cancel, notes: BodyNotes): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    async pull (controller) {
      try {
        let { done, value } = await read()
        // A stream of bytes takes no empty chunk, and does not ask again without one.
        while (!done && value?.byteLength === 0) ({ done, value } = await read())
        if (done || value === undefined) {
          notes.done()
          controller.close()
          // Whoever waits with a buffer of its own is told that nothing comes into it.
          controller.byobRequest?.respond(0)
          return
        }
        // Handing a chunk on takes its memory away from here.
        notes.bytes(value)
        controller.enqueue(value)
      } catch (error) {
        notes.fail(error)
        throw error
      }
    },
    cancel
  }, { highWaterMark: 0 })
}

/** Chunks may share memory, or be used again, as they may not in a stream of bytes: they are handed on as they are. */
function followChunks (read: Read, cancel: Cancel, notes: BodyNotes): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull (controller) {
      try {
        const { done, value } = await read()
        if (done) {
          notes.done()
          controller.close()
          return
        }
        if (value instanceof Uint8Array) notes.bytes(value)
        controller.enqueue(value)
      } catch (error) {
        notes.fail(error)
        throw error
      }
    },
    cancel
  }, { highWaterMark: 0 })
}

/** Only a stream of bytes can be read into a buffer of the reader's. */
function isOfBytes (body: ReadableStream): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
