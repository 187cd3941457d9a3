/** What follows a web stream as it is read. None of these may throw. */
export interface ReadNotes {
  chunk (chunk: unknown): void
  done (): void
  fail (error: unknown): void
  /** Whoever read the stream does so no more. */
  stop (): void
}

interface ReadResult { readonly done: boolean, readonly value?: unknown }
type Read = () => Promise<ReadResult>

/** Runs what reads from a source, as within the context of some work. */
export type Within = (read: Read) => ReturnType<Read>

/**
 * The same stream, followed as it is read: chunk by chunk, when its reader asks, never further. It is not taken before
 * somebody reads it.
 *
 * @param owner kept for as long as the stream that is given back
 */
export function followStream<Chunk> (stream: ReadableStream<Chunk>, notes: ReadNotes, within: Within = read => read(), owner?: object): ReadableStream<Chunk> {
  const taken: { owner: object | undefined, reader?: ReadableStreamDefaultReader<Chunk> } = { owner }
  const read: Read = async () => await within(() => (taken.reader ??= stream.getReader()).read())
  const isBytes = isOfBytes(stream)
  const isEmpty = ({ done, value }: ReadResult): boolean => isBytes && !done && (value as Uint8Array).byteLength === 0

  const source = {
    async pull (controller: ReadableByteStreamController | ReadableStreamDefaultController<unknown>) {
      try {
        let result = await read()
        // A stream of bytes takes no empty chunk, and does not ask again without one.
        while (isEmpty(result)) result = await read()
        if (result.done) {
          notes.done()
          controller.close()
          // Whoever waits with a buffer of its own is told that nothing comes into it.
          if ('byobRequest' in controller) controller.byobRequest?.respond(0)
          return
        }
        // A stream of bytes takes the memory of a chunk away from here.
        notes.chunk(result.value)
        controller.enqueue(result.value as Uint8Array<ArrayBuffer>)
      } catch (error) {
        notes.fail(error)
        throw error
      }
    },
    async cancel (reason: unknown) {
      notes.stop()
      await (taken.reader ?? stream).cancel(reason)
    }
  }
  // Chunks may share memory, or be used again, as they may not in a stream of bytes: any other stays what it is.
  const followed: ReadableStream<unknown> = isBytes ? new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: 0 }) : new ReadableStream(source, { highWaterMark: 0 })
  return followed as ReadableStream<Chunk>
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
