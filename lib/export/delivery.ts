import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Batcher } from './batcher.ts'
import { droppedCount, noCounts, sumCounts, type SignalCounts } from './carrier-stats.ts'
import type { CarrierOptions, OnProblem } from './carrier.ts'
import { LATE_MS, restOf, sendingTime } from './closing-time.ts'
import type { DeliverySpool } from './delivery-spool.ts'
import { Lane } from './lane.ts'
import { LogFile } from './log-file.ts'
import { logLinesFragment, type LogRecordSettings } from './log-records.ts'
import { openSender } from './open-sender.ts'
import { parcelBytes, SIGNALS, type Channel, type LogFileLines, type OutgoingRequest, type Parcel, type Signal } from './parcel.ts'
import type { Sender } from './sender.ts'
import { withinTime } from './within-time.ts'

/** What delivery works with beside its options. */
export interface DeliverySettings {
  readonly onProblem: OnProblem
  /** Told what no longer waits in memory: sent, dropped, or brought to the disk. */
  readonly onRelease?: (channel: Channel, count: number, bytes: number) => void
  /** Told when figures have changed without anything being released. */
  readonly onAttempt?: () => void
  /** Given memory of fragments that is not needed any more. */
  readonly onSpent?: (items: Uint8Array) => void
  /** Opens the spool of one signal in its own folder. Does not reject. */
  readonly openSpool: (options: { directory: string, maxBytes: number, onProblem: OnProblem }) => Promise<DeliverySpool>
  /** Runs each attempt, for example where nothing is traced. */
  readonly around?: (<Result> (work: () => Result) => Result) | undefined
}

/** Figures of a delivery. */
export interface DeliveryStats {
  readonly signals: SignalCounts
  readonly spoolBytes: number
}

/**
 * Each signal has its own part of the disk, so that an endpoint that takes no logs keeps no spans waiting, and a flood
 * of logs drops none.
 */
export const SPOOL_SHARES: Readonly<Record<Signal, number>> = { traces: 0.5, logs: 0.375, metrics: 0.125 }

const MEBIBYTE = 1024 * 1024
/** Room for two of the recorder's fragments: larger requests take memory and bring nothing. */
const BATCH_BYTES = 544 * 1024
/** Share of the memory that may wait here; the rest is for what is still on its way from the main thread. */
const MEMORY_SHARE = 0.75
/** Share of the memory in which lines may wait for the log file. */
const LOG_FILE_SHARE = 0.5
/** Share of the memory after which a lane goes to the disk. */
const SPILL_SHARE = 0.25

interface Route {
  readonly batcher: Batcher
  readonly lane: Lane
  readonly sender: Sender
}

/** Batches, sends, retries and spools: a lane for each signal; and writes the log file. Runs on any thread. */
export class Delivery {
  readonly #routes = new Map<Signal, Route>()
  readonly #counts = noCounts()
  readonly #settings: DeliverySettings
  readonly #memoryBytes: number
  readonly #logRecords: LogRecordSettings
  readonly #logFile: LogFile | undefined

  constructor (options: CarrierOptions, settings: DeliverySettings) {
    this.#settings = settings
    this.#logRecords = options.logRecords ?? {}
    this.#memoryBytes = (options.maxWaitingBytes ?? 64 * MEBIBYTE) * MEMORY_SHARE
    for (const signal of SIGNALS) {
      const sender = openSender(signal, options, settings.onProblem)
      if (sender !== undefined) this.#routes.set(signal, this.#route(signal, sender, options))
    }
    this.#logFile = this.#openLogFile(options)
  }

  get stats (): DeliveryStats {
    const signals = sumCounts(this.#counts)
    let spoolBytes = 0
    for (const [signal, { lane }] of this.#routes) {
      const { bytes, droppedItems } = lane.spoolStats
      signals[signal].dropped.spool_full += droppedItems
      spoolBytes += bytes
    }
    return { signals, spoolBytes }
  }

  /** Never throws: what cannot be made into a request is dropped and counted. */
  take (parcel: Parcel): void {
    const { signal } = parcel
    let add: () => void
    try {
      if (parcel.signal === 'logFile') {
        if (this.#logFile === undefined) throw new Error('no log file')
        this.#logFile.take(parcel)
        return
      }
      add = this.#adding(parcel)
    } catch {
      this.#counts[signal].dropped.invalid += parcel.count
      this.#settings.onRelease?.(signal, parcel.count, parcelBytes(parcel))
      return
    }
    try {
      add()
    } catch (fault) {
      // It was taken: whoever has it now counts it.
      this.#settings.onProblem(`telemetry cannot be put together (${(fault as Error).name})`)
    }
  }

  /** @throws when it cannot be made into a part of a request */
  #adding (parcel: Exclude<Parcel, LogFileLines>): () => void {
    const batcher = this.#routes.get(parcel.signal)?.batcher
    if (batcher === undefined) throw new Error(`no endpoint for ${parcel.signal}`)
    if ('request' in parcel) return () => { batcher.addWhole(parcel) }
    if ('items' in parcel) return () => { batcher.add(parcel) }
    const fragment = logLinesFragment(parcel, Date.now(), this.#logRecords)
    return () => { batcher.add(fragment, parcel) }
  }

  /**
   * What does not arrive in time is brought to the disk: the process may end after this.
   *
   * @returns whether everything that was taken before has arrived in time
   */
  async flush (timeoutMs: number): Promise<boolean> {
    const before = this.#dropped
    const lanes = this.#flushBatchers()
    const start = performance.now()
    const sent = Promise.all([this.#logFile?.flush(), ...lanes.map(async lane => { await lane.flush() })])
    if (!await withinTime(sent, sendingTime(timeoutMs))) {
      await withinTime(Promise.all(lanes.map(async lane => { await lane.save() })), restOf(timeoutMs, start) + LATE_MS)
      // What is on the disk is safe, and who closes need not wait for an endpoint that does not answer.
      const isSafe = lanes.every(({ waitingBytes }) => waitingBytes === 0)
      if (!await withinTime(sent, isSafe ? 0 : restOf(timeoutMs, start))) return false
    }
    return this.#dropped === before
  }

  /** @returns whether everything has arrived or is on the disk */
  async close (timeoutMs: number): Promise<boolean> {
    const before = this.#dropped
    const lanes = this.#flushBatchers()
    const start = performance.now()
    const closed = [this.#logFile?.close(), ...lanes.map(async lane => { await lane.close(sendingTime(timeoutMs)) })]
    const sent = await withinTime(Promise.all(closed), timeoutMs + LATE_MS)
    await withinTime(Promise.all([...this.#routes.values()].map(async ({ sender }) => { await sender.close() })), restOf(timeoutMs, start))
    return sent && this.#dropped === before
  }

  #openLogFile ({ logFile, logRecords }: CarrierOptions): LogFile | undefined {
    if (logFile === undefined) return undefined
    const { onProblem, onRelease } = this.#settings
    return new LogFile(logFile.path, {
      format: { loggerName: logFile.loggerName, secretQueryKeys: logRecords?.secretQueryKeys ?? new Set() },
      maxWaitingBytes: this.#memoryBytes * LOG_FILE_SHARE,
      counts: this.#counts.logFile,
      onRelease: (count, bytes) => { onRelease?.('logFile', count, bytes) },
      onProblem
    })
  }

  get #dropped (): number {
    return droppedCount(this.stats.signals)
  }

  #flushBatchers (): Lane[] {
    return [...this.#routes.values()].map(({ batcher, lane }) => {
      batcher.flush()
      return lane
    })
  }

  #route (signal: Signal, sender: Sender, options: CarrierOptions): Route {
    const { maxBatchBytes = BATCH_BYTES, maxBatchCount = 8_192, maxBatchAgeMs = 1_000, spool } = options
    const { onProblem, onAttempt, onRelease, onSpent, openSpool, around = work => work() } = this.#settings
    const directory = join(spool?.directory ?? '', signal)
    const maxBytes = (spool?.maxBytes ?? 0) * SPOOL_SHARES[signal]
    const lane = new Lane({
      send: (request, abort) => around(() => sender.send(request, abort)),
      openSpool: spool && (() => openSpool({ directory, maxBytes, onProblem })),
      counts: this.#counts[signal],
      onRelease: request => { onRelease?.(signal, request.count, request.parcelBytes) },
      onSpent: body => { batcher.reuse(body) },
      ...onAttempt !== undefined && { onAttempt },
      onProblem,
      retry: options.retry ?? { firstMs: 500, maxMs: 5_000 },
      slowAfterMs: options.slowAfterMs ?? 1_000,
      spillBytes: this.#memoryBytes * SPILL_SHARE
    })
    if (spool !== undefined && existsSync(directory)) lane.recover()
    const limits = { maxBatchBytes, maxBatchCount, maxBatchAgeMs }
    const batcher = new Batcher(signal, options.resource, limits, request => { this.#offer(lane, request) }, onSpent)
    return { batcher, lane, sender }
  }

  #offer (lane: Lane, request: OutgoingRequest): void {
    lane.offer(request)
    for (;;) {
      const lanes = [...this.#routes.values()].map(route => route.lane)
      if (lanes.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0) <= this.#memoryBytes) return
      // The signal that fills the memory pays for it.
      const largest = lanes.reduce((one, other) => other.waitingBytes > one.waitingBytes ? other : one)
      if (!largest.dropOldest()) return
    }
  }
}
