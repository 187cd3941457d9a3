import { TooMuchWaits } from '../ingest/too-much-waits.ts'

/** Milliseconds that a request waits at most: half of the 10 s after which OTLP's clients give up; the other half is for its way and for itself. */
const WAIT_MAX_MS = 5_000
/** Of the times that work took, the part that the last one counts for. */
const LAST = 0.3

interface Waiting {
  readonly since: number
  start (): void
  refuse (problem: TooMuchWaits): void
}

export interface ShortQueueOptions {
  /** @default 5000 */
  readonly waitMaxMs?: number | undefined
  readonly now?: (() => number) | undefined
}

/**
 * Lets a few things run at a time, in the order they came, and sends back at once whoever would wait too long. How long that is, is
 * known from what ran before; so the first of many are sent back when the first of them is done.
 */
export class ShortQueue {
  readonly #many: number
  readonly #waitMaxMs: number
  readonly #now: () => number
  #waiting: Waiting[] = []
  #running = 0
  /** Milliseconds that one takes; undefined until one did. */
  #takesMs: number | undefined

  /** @param many how many at a time */
  constructor (many: number, { waitMaxMs = WAIT_MAX_MS, now = () => performance.now() }: ShortQueueOptions = {}) {
    this.#many = many
    this.#waitMaxMs = waitMaxMs
    this.#now = now
  }

  /** Whether one that came now would be sent back. */
  get isFull (): boolean {
    return this.#running >= this.#many && this.#waitMsOf(this.#waiting.length) > this.#waitMaxMs
  }

  /** @throws {TooMuchWaits} it would wait for too long */
  async take<T> (work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#many) this.#running += 1
    else {
      if (this.isFull) throw new TooMuchWaits()
      await new Promise<void>((resolve, reject) => { this.#waiting.push({ since: this.#now(), start: resolve, refuse: reject }) })
    }
    const began = this.#now()
    try {
      return await work()
    } finally {
      this.#ended(this.#now() - began)
    }
  }

  #ended (ms: number): void {
    this.#takesMs = this.#takesMs === undefined ? ms : LAST * ms + (1 - LAST) * this.#takesMs
    const now = this.#now()
    const kept: Waiting[] = []
    for (const one of this.#waiting) {
      // The next one begins now.
      if (now - one.since + (kept.length === 0 ? 0 : this.#waitMsOf(kept.length - 1)) > this.#waitMaxMs) one.refuse(new TooMuchWaits())
      else kept.push(one)
    }
    this.#waiting = kept
    const next = kept.shift()
    // The place goes from hand to hand, so that nobody who asks later comes first.
    if (next === undefined) this.#running -= 1
    else next.start()
  }

  /** Until the turn of one behind `ahead` others. */
  #waitMsOf (ahead: number): number {
    return this.#takesMs === undefined ? 0 : (ahead + 1) * this.#takesMs / this.#many
  }
}
