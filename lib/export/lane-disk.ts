import type { Split } from './attempts.ts'
import type { OnProblem } from './carrier.ts'
import type { DeliverySpool, SpooledRequest } from './delivery-spool.ts'
import { joinRequests, type RequestPart } from './split-request.ts'

/** Another process may have died and left something; to look for it takes a while. */
const LOOK_AGAIN_MS = 10_000

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
  /** Of the oldest, where it is sent in parts: what is left of them. */
  #left: { readonly whole: Uint8Array, readonly parts: RequestPart[], isBegun: boolean } | undefined
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
    else this.#left = { whole: body, parts: [...parts], isBegun: false }
  }

  /** Where parts of the oldest are acknowledged, the others come to stand on the disk instead of the whole, behind what is there. */
  async keepRest (): Promise<void> {
    const left = this.#left
    const [first, ...others] = left?.parts ?? []
    if (left?.isBegun !== true || first === undefined) return
    const whole = await this.#spool?.next().catch(this.#abandon)
    if (whole === undefined || Buffer.compare(whole.body, left.whole) !== 0) return
    // A disk that is full keeps the whole, and the parts are left here.
    if (!await this.append(joinRequests([first, ...others]))) return
    this.#left = undefined
    await this.acknowledge(whole)
  }

  #partOf (whole: SpooledRequest): SpooledRequest {
    const left = this.#left
    const part = left?.parts[0]
    if (left === undefined || part === undefined || Buffer.compare(left.whole, whole.body) !== 0) return whole
    return {
      ...part,
      acknowledge: async () => {
        left.parts.shift()
        left.isBegun = true
        if (left.parts.length > 0) return
        this.#left = undefined
        await whole.acknowledge()
      }
    }
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
