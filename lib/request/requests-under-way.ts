import { isEventStream } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'

/** What is told of a request that is being served. */
export interface RequestUnderWay {
  /** One of the known methods or `_OTHER`. */
  readonly method: string
  readonly scheme: string
  /** An event stream whose head was sent. */
  readonly isEventStream: boolean
}

/**
 * The requests that an application serves now, in a list that runs through their records: to begin and to end costs a
 * request two assignments each, and what is to be known of them is found out when somebody asks.
 */
export class RequestsUnderWay {
  #newest: RequestRecord | undefined

  add (record: RequestRecord): void {
    const before = this.#newest
    record.before = before
    if (before !== undefined) before.after = record
    this.#newest = record
  }

  /** Does nothing to a request that was not added. */
  remove (record: RequestRecord): void {
    const { before, after } = record
    if (after !== undefined) after.before = before
    else if (this.#newest === record) this.#newest = before
    if (before !== undefined) before.after = after
    // A record that is kept shall not keep its neighbours.
    record.before = undefined
    record.after = undefined
  }

  * [Symbol.iterator] (): Generator<RequestUnderWay> {
    for (let record = this.#newest; record !== undefined; record = record.before) {
      const { facts: { method }, scheme, reply } = record
      yield { method, scheme, isEventStream: reply?.raw.headersSent === true && isEventStream(reply) }
    }
  }
}
