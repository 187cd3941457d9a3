import { followStream, type ReadNotes, type Within } from './follow-stream.ts'

/** What of a response a new one cannot be given, so that it is set on it. */
type Origin = Pick<Response, 'url' | 'redirected' | 'type'>

/**
 * The same response, whose body is followed as it is read.
 *
 * @param within runs what reads from the body
 * @throws {RangeError | TypeError} no Response can be made that says the same, as of a status beyond 599; the body is untouched
 */
export function watchBody (response: Response, body: ReadableStream<Uint8Array>, notes: ReadNotes, within?: Within): Response {
  if (typeof body.getReader !== 'function') {
    // A fetch of somebody else's making may answer with streams of Node.
    notes.stop()
    return response
  }
  const { url, redirected, type } = response
  // As long as nobody reads the body, fetch closes the connection of a response that was dropped, which it can tell by the
  // response alone: that is kept for as long as what follows its body.
  return withOrigin(new Response(followStream(body, notes, within, response), response), { url, redirected, type })
}

function withOrigin (response: Response, origin: Origin): Response {
  return Object.defineProperties(response, {
    url: { value: origin.url, configurable: true },
    redirected: { value: origin.redirected, configurable: true },
    type: { value: origin.type, configurable: true },
    clone: { value: () => withOrigin(Response.prototype.clone.call(response), origin), configurable: true, writable: true }
  })
}
