import { Attempts, type Split } from './attempts.ts'
import type { DropReason } from './carrier-stats.ts'
import type { DeliverySpool, SpooledRequest } from './delivery-spool.ts'
import { FlushWaits } from './flush-waits.ts'
import { LaneDisk } from './lane-disk.ts'
import type { LaneSettings } from './lane-settings.ts'
import type { OutgoingRequest } from './parcel.ts'
import { Pause } from './pause.ts'
import { backoffMs, isFinal, type SendOutcome } from './retry-policy.ts'
import { partsOf, type Waiting } from './waiting.ts'

/**
 * Brings the requests of one signal to its endpoint, one after the other. What is on the disk goes first. When an attempt
 * fails or is slow, or too much waits, everything goes to the disk and comes back from there in order.
 */
export class Lane {
  readonly #settings: LaneSettings
  readonly #queue: Waiting[] = []
  readonly #disk: LaneDisk
  readonly #attempts: Attempts
  readonly #pause = new Pause()
  readonly #abort = new AbortController()
  readonly #flushes = new FlushWaits()
  #sending: Waiting | undefined
  #bytes = 0
  #number = 0
  #pump: Promise<void> | undefined
  #spilling: Promise<void> | undefined
  /** Attempts that failed since the last one that did not. */
  #failures = 0
  #slow = false
  #closing = false
  /** Body of a request that was accepted after a copy of it had gone to the disk. */
  #delivered: Uint8Array | undefined

  constructor (settings: LaneSettings) {
    this.#settings = settings
    this.#disk = new LaneDisk(settings.openSpool, settings.onProblem)
    this.#attempts = new Attempts(settings)
  }

  /** Bytes that wait in memory. */
  get waitingBytes (): number {
    return this.#bytes
  }

  get spoolStats (): DeliverySpool['stats'] {
    return this.#disk.stats
  }

  offer (request: OutgoingRequest): void {
    this.#queue.push({ request, number: ++this.#number, spooled: false })
    this.#bytes += request.parcelBytes
    if (this.#failures > 0 || this.#slow || this.#bytes > this.#settings.spillBytes) void this.#spill()
    this.#wake()
  }

  /** Sends what an earlier process left on the disk. */
  recover (): void {
    this.#disk.occupied = true
    void this.#disk.open().then(() => { this.#wake() })
  }

  /** Not the only one, however large it is. @returns whether there was one to drop */
  dropOldest (): boolean {
    const oldest = this.#queue.length > 1 ? this.#queue.shift() : undefined
    if (oldest === undefined) return false
    this.#drop(oldest.request, 'queue_full')
    this.#tellFlushes()
    return true
  }

  /** Resolves when everything that was offered so far has left, from memory and from the disk. */
  async flush (): Promise<void> {
    const left = this.#flushes.until(this.#number)
    this.#pause.skip()
    this.#wake()
    await left
  }

  /** Brings what has not left to the disk, where there is one. */
  async save (): Promise<void> {
    // One that is under way takes only what was there when it began.
    await this.#spilling
    await this.#spill()
  }

  /** Sends for `sendMs` at most, sees that the rest is on the disk, and drops what cannot be. */
  async close (sendMs: number): Promise<void> {
    this.#closing = true
    const timer = setTimeout(() => { this.#giveUp() }, sendMs)
    this.#pause.end()
    this.#wake()
    if (this.#slow) await this.#rescue()
    await this.#pump
    clearTimeout(timer)
    await this.save()
    for (const { request } of this.#queue.splice(0)) this.#drop(request, 'shutdown')
    this.#tellFlushes()
    await this.#disk.close()
  }

  #wake (): void {
    this.#pump ??= this.#run().finally(() => {
      this.#pump = undefined
      if (this.#queue.length > 0 && !this.#closing) this.#wake()
    })
  }

  async #run (): Promise<void> {
    while (!this.#abort.signal.aborted) {
      if (this.#closing && (this.#failures > 0 || this.#slow || this.#disk.occupied)) {
        await this.save()
        if (this.#disk.occupied && this.#queue.length === 0) return
      }
      const outcome = await this.#sendNext()
      this.#tellFlushes()
      if (outcome === undefined) return
      this.#settings.onAttempt?.()
      if (outcome.result === 'retryable' && !this.#abort.signal.aborted) {
        const { afterMs } = outcome
        await this.#pause.wait(Math.max(backoffMs(this.#failures, this.#settings.retry), afterMs ?? 0), afterMs !== undefined)
      }
    }
  }

  async #sendNext (): Promise<SendOutcome | Split | undefined> {
    let spooled: SpooledRequest | undefined
    do {
      // What is on its way to the disk is older than what is left in memory.
      await this.#spilling
      spooled = await this.#disk.next()
    } while (spooled === undefined && (this.#spilling !== undefined || this.#disk.occupied))
    if (spooled !== undefined) return await this.#sendSpooled(spooled)
    this.#delivered = undefined
    const waiting = this.#queue.shift()
    return waiting === undefined ? undefined : await this.#sendWaiting(waiting)
  }

  async #sendSpooled (spooled: SpooledRequest): Promise<SendOutcome | Split> {
    if (this.#delivered !== undefined && Buffer.compare(spooled.body, this.#delivered) === 0) {
      this.#delivered = undefined
      await this.#disk.acknowledge(spooled)
      return { result: 'accepted', rejected: 0 }
    }
    const outcome = await this.#attempt(spooled)
    if (outcome.result === 'split') this.#disk.split(spooled, outcome.parts)
    else if (isFinal(outcome)) await this.#disk.acknowledge(spooled)
    else await this.#spill()
    return outcome
  }

  async #sendWaiting (waiting: Waiting): Promise<SendOutcome | Split> {
    const { request } = waiting
    this.#sending = waiting
    const outcome = await this.#attempt(request)
    await this.#spilling
    this.#sending = undefined
    if (outcome.result === 'split') {
      if (!waiting.spooled) this.#queue.unshift(...partsOf(waiting, outcome.parts))
    } else if (!isFinal(outcome)) {
      if (!waiting.spooled) this.#queue.unshift(waiting)
      await this.#spill()
    } else if (waiting.spooled) await this.#removeCopy(request.body)
    else {
      this.#release(request)
      if (outcome.result === 'accepted' && outcome.isRead !== false) this.#settings.onSpent?.(request.body)
    }
    return outcome
  }

  /** It is the oldest on the disk, unless another process has left something there: then it is met later. */
  async #removeCopy (body: Uint8Array): Promise<void> {
    const spooled = await this.#disk.next()
    if (spooled !== undefined && Buffer.compare(spooled.body, body) === 0) await this.#disk.acknowledge(spooled)
    else this.#delivered = body
  }

  async #attempt (request: Pick<OutgoingRequest, 'signal' | 'count' | 'body'>): Promise<SendOutcome | Split> {
    const timer = setTimeout(() => {
      this.#slow = true
      void this.#rescue()
    }, this.#settings.slowAfterMs).unref()
    const outcome = await this.#attempts.attempt(request, this.#abort.signal)
    clearTimeout(timer)
    if (isFinal(outcome)) {
      this.#failures = 0
      this.#slow = false
    } else if (outcome.result === 'retryable') this.#failures++
    return outcome
  }

  /** Brings everything to the disk. A lane that is being closed need not wait for an answer then. */
  async #rescue (): Promise<void> {
    await this.#spill()
    if (this.#closing && this.#queue.length === 0 && this.#sending?.spooled !== false) this.#giveUp()
  }

  #giveUp (): void {
    this.#abort.abort()
    this.#pause.end()
  }

  async #spill (): Promise<void> {
    await (this.#spilling ??= this.#moveToDisk().finally(() => { this.#spilling = undefined }))
  }

  async #moveToDisk (): Promise<void> {
    if (!await this.#disk.open()) return
    const sending = this.#sending
    if (sending !== undefined && !sending.spooled && !await this.#keep(sending)) return
    // Not what comes meanwhile: there may always be more.
    for (let left = this.#queue.length; left > 0; left--) {
      const waiting = this.#queue.shift()
      if (waiting === undefined) return
      if (!await this.#keep(waiting)) {
        this.#queue.unshift(waiting)
        return
      }
    }
  }

  async #keep (waiting: Waiting): Promise<boolean> {
    const { request } = waiting
    waiting.spooled = await this.#disk.append(request)
    if (!waiting.spooled) return false
    this.#settings.counts.spooled += request.count
    this.#release(request)
    return true
  }

  #drop (request: OutgoingRequest, reason: DropReason): void {
    this.#settings.counts.dropped[reason] += request.count
    this.#release(request)
  }

  #release (request: OutgoingRequest): void {
    this.#bytes -= request.parcelBytes
    this.#settings.onRelease(request)
  }

  #tellFlushes (): void {
    if (!this.#disk.occupied) this.#flushes.tell((this.#sending ?? this.#queue[0])?.number ?? Infinity)
  }
}
