/** A body that cannot be taken, with the status that says so. */
export class RefusedBody extends Error {
  /** Of the answer. */
  readonly statusCode: 400 | 413 | 415

  constructor (statusCode: 400 | 413 | 415, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}
