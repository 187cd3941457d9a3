import { countOutcome } from './carrier-stats.ts'
import type { LaneSettings } from './lane-settings.ts'
import type { SendOutcome } from './retry-policy.ts'
import { splitRequest, type RequestPart } from './split-request.ts'

/** Nobody has it, and `parts` are to be sent instead of it. */
export interface Split {
  readonly result: 'split'
  readonly parts: readonly [RequestPart, RequestPart]
}

/** Share of what was refused that is tried next: the larger half has more than a half. */
const HALF = 0.6
/** Who refuses so little as too large will take nothing smaller. */
const FLOOR_BYTES = 4 * 1024
/** So many of these in a row, and sending in parts is of no use. */
const FLOOR_REFUSALS_MAX = 3
/** Who raised the size of requests there need not restart anything here. */
const LEARNED_MS = 10 * 60_000

/**
 * Attempts to send requests, and counts what becomes of them. One that is larger than the endpoint takes is to be sent in
 * halves, and these again; those after it are split before they are sent.
 */
export class Attempts {
  readonly #settings: Pick<LaneSettings, 'send' | 'counts' | 'onProblem'>
  readonly #now: () => number
  /** Bytes that requests are split to. */
  #limit = Infinity
  #floorRefusals = 0
  #learnedAt = -Infinity

  /** @param now milliseconds of a clock that never goes back */
  constructor (settings: Pick<LaneSettings, 'send' | 'counts' | 'onProblem'>, now: () => number = () => performance.now()) {
    this.#settings = settings
    this.#now = now
  }

  /** Sends it, unless it is known to be too large. Never rejects. */
  async attempt (request: RequestPart, abort: AbortSignal): Promise<SendOutcome | Split> {
    const known = this.#split(request)
    if (known !== undefined) return known
    const { send, counts, onProblem } = this.#settings
    const outcome = await send(request, abort)
    const isTooLarge = outcome.result === 'rejected' && outcome.isTooLarge === true
    if (isTooLarge) this.#learn(request.body.length)
    else if (outcome.result === 'accepted') {
      this.#limit = Math.max(this.#limit, request.body.length)
      this.#floorRefusals = 0
    }
    const split = isTooLarge ? this.#split(request) : undefined
    if ('problem' in outcome && outcome.problem !== undefined) onProblem(isTooLarge ? `${outcome.problem}${explanation(split)}` : outcome.problem)
    if (split === undefined) countOutcome(counts, outcome, request.count)
    else counts.retried += request.count
    return split ?? outcome
  }

  #learn (refusedBytes: number): void {
    if (this.#floorRefusals >= FLOOR_REFUSALS_MAX) return
    if (refusedBytes <= FLOOR_BYTES) this.#floorRefusals++
    this.#limit = Math.max(FLOOR_BYTES, Math.min(this.#limit, refusedBytes * HALF))
    this.#learnedAt = this.#now()
  }

  /** Nothing where it is small enough, holds one item alone, or where parts of it would be refused as well. */
  #split (request: RequestPart): Split | undefined {
    if (this.#now() - this.#learnedAt > LEARNED_MS) {
      this.#limit = Infinity
      this.#floorRefusals = 0
    }
    if (request.body.length <= this.#limit || this.#floorRefusals >= FLOOR_REFUSALS_MAX) return undefined
    const parts = splitRequest(request)
    return parts && { result: 'split', parts }
  }
}

function explanation (split: Split | undefined): string {
  return split === undefined
    ? ': what cannot be sent in smaller parts is dropped. Raise the size of requests that is allowed there'
    : ': requests that are too large for it are sent in parts. Raise the size of requests that is allowed there'
}
