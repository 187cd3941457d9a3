import { followStream } from './follow-stream.ts'
import type { StreamNotes } from './stream-notes.ts'

/** What is handed on in place of an answer, or of the promise of one. */
export type Watched<Source> =
  Source extends PromiseLike<infer Value> ? Promise<Watched<Value>>
    : Source extends ReadableStream<infer Chunk> ? ReadableStream<Chunk>
      : Source extends AsyncIterable<infer Chunk> ? AsyncIterableIterator<Chunk>
        : Source

/** An answer that is neither read to its end nor left has an end when nobody can go on with it. */
const dropped = new FinalizationRegistry<StreamNotes>(notes => { notes.stop() })

/** Hands on a source of an answer, and takes notes of it. */
export function watchSource<Source> (source: Source, notes: StreamNotes): Watched<Source> {
  return watched(source, notes) as Watched<Source>
}

function watched (source: unknown, notes: StreamNotes): unknown {
  if (source instanceof ReadableStream) return noticed(followStream(source, notes), notes)
  if (isAsyncIterable(source)) return noticed(watchIterable(source, notes), notes)
  if (isPromiseLike(source)) {
    const result = Promise.resolve(source).then(value => watched(value, notes), (error: unknown) => {
      notes.fail(error)
      throw error
    })
    // Whoever awaits the source itself, and not this, has handled its rejection.
    result.catch(() => {})
    return result
  }
  notes.answer(source)
  return source
}

function noticed<Answer extends object> (answer: Answer, notes: StreamNotes): Answer {
  dropped.register(answer, notes)
  return answer
}

/** Reads from the source when it is read from, and only then. */
function watchIterable<Chunk> (source: AsyncIterable<Chunk>, notes: StreamNotes): AsyncIterableIterator<Chunk> {
  // Begun when the first chunk is asked for: some begin to work at once.
  let iterator: AsyncIterator<Chunk> | undefined
  const begun = (): AsyncIterator<Chunk> => (iterator ??= source[Symbol.asyncIterator]())
  const follow = async (step: () => PromiseLike<IteratorResult<Chunk>>): Promise<IteratorResult<Chunk>> => {
    try {
      const result = await step()
      if (result.done === true) notes.done()
      else notes.chunk(result.value)
      return result
    } catch (error) {
      notes.fail(error)
      throw error
    }
  }
  return {
    next: async (...sent) => await follow(() => begun().next(...sent)),
    async return (value?: unknown) {
      notes.stop()
      return await (begun().return?.(value) ?? { done: true, value })
    },
    async throw (error: unknown) {
      return await follow(async () => {
        const inner = begun()
        if (inner.throw !== undefined) return await inner.throw(error)
        await inner.return?.()
        throw error
      })
    },
    [Symbol.asyncIterator] () { return this }
  }
}

function isAsyncIterable (value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function'
}

function isPromiseLike (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
