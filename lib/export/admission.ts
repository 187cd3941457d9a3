import { noCounts, type DropReason } from './carrier-stats.ts'
import { CHANNELS, parcelBytes, type Channel, type Parcel } from './parcel.ts'

const MEBIBYTE = 1024 * 1024

/** Bounds what waits in memory, and counts what is let in. */
export class Admission {
  readonly counts = noCounts()
  readonly #waiting: Record<Channel, number> = { traces: 0, metrics: 0, logs: 0, logFile: 0 }
  readonly #maxBytes: number
  #waitingBytes = 0
  #closed = false

  constructor (maxBytes = 64 * MEBIBYTE) {
    this.#maxBytes = maxBytes
  }

  get waitingBytes (): number {
    return this.#waitingBytes
  }

  /** What waits, in spans, metric data points, log records and bytes for the log file. */
  get waiting (): Record<Channel, number> {
    return { ...this.#waiting }
  }

  /** @returns false when there is no room for the parcel, which is counted */
  admit (parcel: Parcel): boolean {
    const bytes = parcelBytes(parcel)
    if (this.#closed || this.#waitingBytes + bytes > this.#maxBytes) {
      this.drop(parcel, this.#closed ? 'shutdown' : 'queue_full')
      return false
    }
    this.counts[parcel.signal].taken += parcel.count
    this.#waiting[parcel.signal] += parcel.count
    this.#waitingBytes += bytes
    return true
  }

  /** Takes back that a parcel was admitted. */
  refuse ({ signal, count }: Parcel, bytes: number): void {
    this.counts[signal].taken -= count
    this.counts[signal].dropped.invalid += count
    this.#waiting[signal] -= count
    this.#waitingBytes -= bytes
  }

  drop ({ signal, count }: Pick<Parcel, 'signal' | 'count'>, reason: DropReason): void {
    this.counts[signal].dropped[reason] += count
  }

  release (bytes: number, counts: Readonly<Partial<Record<Channel, number>>>): void {
    this.#waitingBytes -= bytes
    for (const signal of CHANNELS) this.#waiting[signal] -= counts[signal] ?? 0
  }

  /** Lets nothing more in. */
  close (): void {
    this.#closed = true
  }
}
