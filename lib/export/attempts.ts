import { countOutcome } from './carrier-stats.ts'
import type { LaneSettings } from './lane-settings.ts'
import { isFinal, type SendOutcome } from './retry-policy.ts'
import { splitRequest, type RequestPart } from './split-request.ts'

/** The answers were to copies, and the endpoint may not have read the whole to its end. */
const SENT_IN_PARTS: SendOutcome = Object.freeze({ result: 'accepted', rejected: 0, isRead: false })

/**
 * Attempts to send requests, and counts what becomes of them. One that is larger than the endpoint takes is sent in halves,
 * and these again: what is too large alone takes nothing else with it.
 */
export class Attempts {
  readonly #settings: Pick<LaneSettings, 'send' | 'counts' | 'onProblem'>
  /** What is left to send of a request, by its body: the next attempt goes on there. */
  #left: { readonly body: Uint8Array, readonly parts: RequestPart[] } | undefined

  constructor (settings: Pick<LaneSettings, 'send' | 'counts' | 'onProblem'>) {
    this.#settings = settings
  }

  /** Never rejects. */
  async attempt (request: RequestPart, abort: AbortSignal): Promise<SendOutcome> {
    const { send, counts, onProblem } = this.#settings
    const isLeft = this.#left !== undefined && Buffer.compare(this.#left.body, request.body) === 0
    const parts = isLeft ? this.#left?.parts ?? [] : [request]
    for (let part = parts[0]; part !== undefined; part = parts[0]) {
      const outcome = await send(part, abort)
      const isTooLarge = outcome.result === 'rejected' && outcome.isTooLarge === true
      const halves = isTooLarge ? splitRequest(part) : undefined
      if ('problem' in outcome && outcome.problem !== undefined) onProblem(isTooLarge ? `${outcome.problem}${explanation(halves)}` : outcome.problem)
      if (halves !== undefined) {
        counts.retried += part.count
        parts.splice(0, 1, ...halves)
        this.#left = { body: request.body, parts }
        continue
      }
      countOutcome(counts, outcome, part.count)
      if (!isFinal(outcome) || part === request) return outcome
      parts.shift()
    }
    this.#left = undefined
    return SENT_IN_PARTS
  }
}

function explanation (halves: ReturnType<typeof splitRequest>): string {
  return halves === undefined
    ? ': what is larger alone than it takes is dropped. Raise the size of requests that is allowed there'
    : ': requests that are too large for it are sent in parts. Raise the size of requests that is allowed there'
}
