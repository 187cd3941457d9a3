import { extname } from 'node:path'
import { Admission } from './admission.ts'
import { noCounts, sumCounts, type CarrierStats, type DropReason, type SignalCounts } from './carrier-stats.ts'
import type { Carrier, CarrierOptions, OnProblem } from './carrier.ts'
import { restOf, sendingTime } from './closing-time.ts'
import type { DeliveryStats } from './delivery.ts'
import type { DirectCarrier } from './direct-carrier.ts'
import { moduleUrl } from './module-url.ts'
import { CHANNELS, parcelBytes, type Parcel } from './parcel.ts'
import { SpareMemory } from './spare-memory.ts'
import { withinTime } from './within-time.ts'
import { WorkerLink } from './worker-link.ts'

/** Milliseconds before the first start: a thread takes processor time that an application needs to start itself. */
const START_MS = 100
/** Milliseconds before a worker that crashed is started again, and at most. */
const RESTART_MS = 100
const RESTART_MAX_MS = 30_000
/** Milliseconds after which a worker counts as sound. */
const SOUND_MS = 60_000

const NOTHING: DeliveryStats = Object.freeze({ signals: noCounts(), spoolBytes: 0 })

/**
 * Carries in a worker thread, which is started anew when it crashes; on the main thread where no worker can be loaded.
 * Until something is there to take them, parcels are held.
 */
export class WorkerCarrier implements Carrier {
  readonly #options: CarrierOptions
  readonly #onProblem: OnProblem
  readonly #entry: () => URL
  readonly #admission: Admission
  #held: Parcel[] = []
  readonly #spare = new SpareMemory()
  #link: WorkerLink | undefined
  #direct: DirectCarrier | undefined
  #ready = Promise.withResolvers<void>()
  #isReady = false
  #readyAt = 0
  #crashes = 0
  #crashesInARow = 0
  #restart: NodeJS.Timeout | undefined
  #closing: Promise<boolean> | undefined
  /** Takes what was held for a worker that did not start in time. */
  #helper: DirectCarrier | undefined
  /** Of workers that ended. */
  #former: SignalCounts = noCounts()

  /** @param entry gives the module that the worker runs, where it is not the one beside this */
  constructor (options: CarrierOptions, onProblem: OnProblem, entry = entryBesideThis) {
    this.#options = options
    this.#onProblem = onProblem
    this.#entry = entry
    this.#admission = new Admission(options.maxWaitingBytes)
    this.#startIn(START_MS)
  }

  get stats (): CarrierStats {
    const direct = this.#direct?.stats
    const { counts, waiting, waitingBytes } = this.#admission
    const ofWorker = this.#link?.progress.stats ?? NOTHING
    const ofHelper = this.#helper?.delivered ?? NOTHING
    return {
      signals: sumCounts(direct?.signals ?? counts, ofWorker.signals, ofHelper.signals, this.#former),
      waiting,
      waitingBytes,
      spoolBytes: direct?.spoolBytes ?? ofWorker.spoolBytes + ofHelper.spoolBytes,
      workerCrashes: this.#crashes,
      thread: direct === undefined ? 'worker' : 'main'
    }
  }

  take (parcel: Parcel): boolean {
    if (!this.#admission.admit(parcel)) return false
    if (this.#isReady) return this.#deliver(parcel)
    this.#held.push(parcel)
    return true
  }

  spareMemory (): ArrayBuffer | undefined {
    return this.#spare.take()
  }

  async flush (timeoutMs: number): Promise<boolean> {
    return await this.#settle('flush', timeoutMs)
  }

  async close (timeoutMs: number): Promise<boolean> {
    this.#closing ??= this.#close(timeoutMs)
    return await this.#closing
  }

  async #close (timeoutMs: number): Promise<boolean> {
    this.#admission.close()
    const complete = await this.#settle('close', timeoutMs)
    clearTimeout(this.#restart)
    await this.#link?.end()
    for (const parcel of this.#held.splice(0)) {
      this.#admission.drop(parcel, 'shutdown')
      this.#admission.release(parcelBytes(parcel), { [parcel.signal]: parcel.count })
    }
    if (this.#link !== undefined) this.#lose(this.#link, 'shutdown')
    return complete
  }

  #startIn (milliseconds: number): void {
    this.#restart = setTimeout(() => { this.#start() }, milliseconds).unref()
  }

  #start (): void {
    clearTimeout(this.#restart)
    this.#restart = undefined
    try {
      const link: WorkerLink = new WorkerLink(this.#entry(), this.#options, {
        onReady: () => { this.#becomeReady() },
        onRelease: (bytes, counts) => { this.#admission.release(bytes, counts) },
        onSpent: buffers => { for (const buffer of buffers) this.#spare.put(buffer) },
        onProblem: this.#onProblem,
        onEnd: error => { this.#ended(link, error) }
      })
      this.#link = link
    } catch (error) {
      void this.#fallBack(error as Error)
    }
  }

  #becomeReady (): void {
    this.#isReady = true
    this.#readyAt = performance.now()
    for (const parcel of this.#held.splice(0)) this.#deliver(parcel)
    this.#ready.resolve()
  }

  #deliver (parcel: Parcel): boolean {
    const carrier = this.#direct ?? this.#link
    if (carrier === undefined) {
      this.#held.push(parcel)
      return true
    }
    const bytes = parcelBytes(parcel)
    try {
      carrier.deliver(parcel)
      return true
    } catch {
      this.#admission.refuse(parcel, bytes)
      return false
    }
  }

  #ended (link: WorkerLink, error: Error | undefined): void {
    this.#link = undefined
    if (!this.#isReady) {
      void this.#fallBack(error)
      return
    }
    this.#former = sumCounts(this.#former, link.progress.stats.signals)
    this.#lose(link, 'worker_crashed')
    this.#isReady = false
    this.#ready = Promise.withResolvers()
    this.#crashes++
    this.#crashesInARow = performance.now() - this.#readyAt > SOUND_MS ? 1 : this.#crashesInARow + 1
    this.#onProblem(`the thread that sends telemetry ended unexpectedly (${nameOf(error)}): it is started again`)
    const delayMs = Math.min(RESTART_MS * 2 ** (this.#crashesInARow - 1), RESTART_MAX_MS)
    this.#startIn(delayMs)
  }

  /** What a worker had is gone with it. */
  #lose ({ held }: WorkerLink, reason: DropReason): void {
    for (const signal of CHANNELS) this.#admission.drop({ signal, count: held.counts[signal] }, reason)
    this.#admission.release(held.bytes, held.counts)
  }

  async #fallBack (error: Error | undefined): Promise<void> {
    this.#onProblem(`telemetry is sent from the main thread, because no worker thread can be loaded (${nameOf(error)})`)
    try {
      // Not loaded where it is not needed: it brings all of delivery to the main thread.
      const { DirectCarrier } = await import('./direct-carrier.ts')
      this.#direct = new DirectCarrier(this.#options, this.#onProblem, this.#admission)
      this.#becomeReady()
    } catch (fault) {
      this.#onProblem(`telemetry cannot be sent (${nameOf(fault as Error)})`)
      // Nothing will come that is worth waiting for.
      this.#ready.resolve()
    }
  }

  /** The process may end after this: what is held does not wait any longer for a worker than the disk leaves time. */
  async #settle (how: 'flush' | 'close', timeoutMs: number): Promise<boolean> {
    if (this.#restart !== undefined) this.#start()
    const start = performance.now()
    const isReady = await withinTime(this.#ready.promise, sendingTime(timeoutMs))
    if (!isReady && this.#held.length > 0) await this.#help()
    const restMs = restOf(timeoutMs, start)
    // A worker may have become ready meanwhile, and have what was held.
    const carriers = [this.#helper, this.#isReady ? this.#direct ?? this.#link : undefined].filter(carrier => carrier !== undefined)
    const complete = await Promise.all(carriers.map(async carrier => await carrier[how](restMs)))
    return this.#held.length === 0 && complete.every(done => done)
  }

  /** The main thread sends what is held, or brings it to the disk. */
  async #help (): Promise<void> {
    try {
      const { DirectCarrier } = await import('./direct-carrier.ts')
      const helper = this.#helper ??= new DirectCarrier(this.#options, this.#onProblem, this.#admission)
      for (const parcel of this.#held.splice(0)) helper.deliver(parcel)
    } catch {}
  }
}

/** @throws {TypeError} in a bundle that does not know where it is */
function entryBesideThis (): URL {
  const url = moduleUrl() ?? ''
  return new URL(`./carrier-worker${extname(url)}`, url)
}

/** An error's text may hold paths and values; its code does not. */
function nameOf (error: (Error & { code?: string }) | undefined): string {
  return error?.code ?? error?.name ?? 'no error'
}
