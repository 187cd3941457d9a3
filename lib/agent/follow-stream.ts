/** What follows a web stream as it is read. None of these may throw. */
export interface ReadNotes {
  chunk (chunk: unknown): void
  done (): void
  fail (error: unknown): void
  /** Whoever read the stream does so no more. */
  stop (): void
}

type Read = ReadableStreamDefaultReader<any>['read']
type Cancel = (reason: unknown) => Promise<void>

/**
 * The same stream, followed as it is read: chunk by chunk, when its reader asks, never further. It is not taken before
 * somebody reads it.
 *
 * @param within runs what reads from the source
 * @param owner kept for as long as the stream that is given back
 */
export function followStream<Chunk> (
  stream: ReadableStream<Chunk>, notes: ReadNotes, within: (work: Read) => ReturnType<Read> = work => work(), owner?: object
): ReadableStream<Chunk> {
  const taken: { owner: object | undefined, reader?: ReadableStreamDefaultReader<Chunk> } = { owner }
  const read: Read = async () => await within(() => (taken.reader ??= stream.getReader()).read())
  const cancel: Cancel = async reason => {
    notes.stop()
    await (taken.reader ?? stream).cancel(reason)
  }
  return isOfBytes(stream) ? followBytes(read, cancel, notes) as ReadableStream<any> : followChunks(read, cancel, notes)
}

function followBytes (read: Read, cancel: Cancel, notes: ReadNotes): ReadableStream<Uint8Array> {
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
        notes.chunk(value)
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
function followChunks (read: Read, cancel: Cancel, notes: ReadNotes): ReadableStream {
  return new ReadableStream({
    async pull (controller) {
      try {
        const { done, value } = await read()
        if (done) {
          notes.done()
          controller.close()
          return
        }
        notes.chunk(value)
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
function isOfBytes (stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
