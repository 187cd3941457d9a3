/** There is no memory beside what waits already: the same request is taken a moment later. */
export class TooMuchWaits extends Error {
  /** Of the answer. */
  readonly statusCode = 429

  constructor () {
    super('too much waits to be stored')
  }
}
