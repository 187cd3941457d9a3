import type { OnProblem } from './carrier.ts'
import type { DeliverySpool, SpooledRequest } from './delivery-spool.ts'
import type { OutgoingRequest } from './parcel.ts'

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
  async append (request: OutgoingRequest): Promise<boolean> {
    this.occupied = true
    this.#appends++
    return await this.#spool?.append(request).catch(this.#abandon) ?? false
  }

  /** The oldest; nothing while the disk was not opened. */
  async next (): Promise<SpooledRequest | undefined> {
    await this.#opening
    const now = performance.now()
    if (!this.occupied && now - this.#lookedAt < LOOK_AGAIN_MS) return undefined
    this.#lookedAt = now
    const appends = this.#appends
    const spooled = await this.#spool?.next().catch(this.#abandon)
    // What was appended meanwhile may have come too late to be found.
    this.occupied = spooled !== undefined || this.#appends > appends
    return spooled
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
    this.#onProblem(`telemetry waits in memory only: ${String(problem)}`)
  }
}
