import { TooMuchWaits } from '../ingest/too-much-waits.ts'
import { RefusedBody } from './refused-body.ts'

/** Bytes that requests hold at the same time, as they come and without their compression. */
export class HeldBytes {
  readonly #most: number
  #total = 0

  /** @param most of all requests together; what one that is alone may hold is for others to limit */
  constructor (most: number) {
    this.#most = most
  }

  get total (): number {
    return this.#total
  }

  /** Begins the account of one request. */
  open (): HeldByRequest {
    let own = 0
    let ended = false
    return {
      take: bytes => {
        if (ended) throw new RefusedBody(400, 'the client has left')
        if (bytes > 0 && this.#total > own && this.#total + bytes > this.#most) throw new TooMuchWaits()
        own += bytes
        this.#total += bytes
      },
      give: bytes => {
        const given = Math.min(own, bytes)
        own -= given
        this.#total -= given
      },
      end: () => {
        ended = true
        this.#total -= own
        own = 0
      }
    }
  }
}

/** What one request holds. */
export interface HeldByRequest {
  /**
   * @throws {TooMuchWaits} others hold too much; nothing was taken
   * @throws {RefusedBody} the request has ended
   */
  take (bytes: number): void
  give (bytes: number): void
  /** Gives back what is left; what the request still does is in vain. */
  end (): void
}
