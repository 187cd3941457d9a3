import type { Split } from './attempts.ts'
import type { OnProblem } from './carrier.ts'
import type { DeliverySpool, SpooledRequest, SpooledWhole } from './delivery-spool.ts'
import { withoutFirst, type RequestPart } from './split-request.ts'

/** Another process may have died and left something; to look for it takes a while. */
const LOOK_AGAIN_MS = 10_000

/** What is left of a request that is sent in parts. */
interface LeftParts {
  readonly whole: Uint8Array
  readonly parts: RequestPart[]
  /** Of what the whole counts, how much is acknowledged. */
  done: number
}

/** A lane's spool: opened when it is first needed, and left alone for good after a fault that it should not have. */
export class LaneDisk {
  readonly #openSpool: () => Promise<DeliverySpool | undefined>
  readonly #onProblem: OnProblem
  #opening: Promise<DeliverySpool | undefined> | undefined
  #spool: DeliverySpool | undefined
  #lookedAt = -Infinity
  /** Of a spool that was left alone. */
  #droppedItems = 0
  #appends = 0
  /** Of the oldest, where it is sent in parts. */
  #left: LeftParts | undefined
  /** Whether something may be on it. */
  occupied = false

  constructor (openSpool: (() => Promise<DeliverySpool>) | undefined, onProblem: OnProblem) {
    this.#openSpool = openSpool ?? (async () => undefined)
    this.#onProblem = onProblem
  }

  get stats (): DeliverySpool['stats'] {
    return this.#spool?.stats ?? { bytes: 0, droppedItems: this.#droppedItems }
  }

  /** @returns whether there is a disk to write to */
  async open (): Promise<boolean> {
    this.#spool = await (this.#opening ??= this.#openSpool().catch(this.#abandon))
    return this.#spool !== undefined
  }

  /** @returns whether it is kept */
  async append (request: RequestPart): Promise<boolean> {
    this.occupied = true
    this.#appends++
    return await this.#spool?.append(request).catch(this.#abandon) ?? false
  }

  /** The oldest, or the first part of it that is left; nothing while the disk was not opened. */
  async next (): Promise<SpooledRequest | undefined> {
    await this.#opening
    const now = performance.now()
    if (!this.occupied && now - this.#lookedAt < LOOK_AGAIN_MS) return undefined
    this.#lookedAt = now
    const appends = this.#appends
    const spooled = await this.#spool?.next().catch(this.#abandon)
    // What was appended meanwhile may have come too late to be found.
    this.occupied = spooled !== undefined || this.#appends > appends
    return spooled && this.#partOf(spooled)
  }

  /** Goes on with two parts of what `next` gave. */
  split ({ body }: SpooledRequest, parts: Split['parts']): void {
    if (this.#left?.parts[0]?.body === body) this.#left.parts.splice(0, 1, ...parts)
    else this.#left = { whole: body, parts: [...parts], done: 0 }
  }

  #partOf (whole: SpooledWhole): SpooledRequest {
    const left = this.#leftOf(whole)
    const part = left?.parts[0]
    if (left === undefined || part === undefined) return whole
    return {
      ...part,
      acknowledge: async () => {
        left.parts.shift()
        left.done += part.count
        if (left.parts.length > 0) return await whole.acknowledgeFirst(left.done)
        this.#left = undefined
        await whole.acknowledge()
      }
    }
  }

  #leftOf (whole: SpooledWhole): LeftParts | undefined {
    if (this.#left !== undefined && Buffer.compare(this.#left.whole, whole.body) === 0) return this.#left
    // An earlier process came so far with it.
    const rest = whole.done > 0 ? withoutFirst(whole, whole.done) : undefined
    this.#left = rest && { whole: whole.body, parts: [rest], done: whole.done }
    return this.#left
  }

  async acknowledge (spooled: SpooledRequest): Promise<void> {
    await spooled.acknowledge().catch(this.#abandon)
  }

  async close (): Promise<void> {
    await this.#opening
    await this.#spool?.close().catch(this.#abandon)
  }

  readonly #abandon = (problem: unknown): undefined => {
    this.#droppedItems = this.stats.droppedItems
    this.#opening = Promise.resolve(undefined)
    this.#spool = undefined
    this.#left = undefined
    this.#onProblem(`telemetry waits in memory only: ${String(problem)}`)
  }
}
