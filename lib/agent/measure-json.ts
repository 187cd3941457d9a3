import { JsonScan } from './json-scan.ts'
import type { PayloadBounds } from './payload-bounds.ts'

/** Bytes of a text, at most, that is kept whole where there is much else: only with more of them, items are left out. */
const TEXT_LEAST = 8_192
/** Bytes of a key: what is longer is none that anybody looks for. */
const KEY_MAX = 1_024

/** What there is, and how much of it is kept. */
export interface JsonMeasure {
  /** Bytes of a text that are kept, of long ones the same of each. */
  readonly textMax: number
  readonly keyMax: number
  /** What is left of all when texts, keys and members are within bounds; of items and members there may still be too many. */
  readonly size: number
  readonly values: number
  /** Whether something is not within bounds. */
  readonly isTooMuch: boolean
}

/** Measures JSON, so that each long text has the same room, whether it comes first or last. */
export class JsonMeasuring extends JsonScan {
  readonly #least: number
  readonly #keyMax: number
  /** Lengths of long texts, as many as could have more room than the least. */
  readonly #texts: number[] = []
  readonly #textsMax: number
  #textCount = 0
  #textSize = 0
  /** Bytes of long keys and of members that are too many. */
  #left = 0
  #fullFrom = 0

  constructor (bytes: Buffer, bounds: PayloadBounds) {
    super(bytes, bounds)
    this.#least = Math.min(TEXT_LEAST, Math.ceil(bounds.characters / 16))
    this.#keyMax = Math.min(KEY_MAX, this.#least)
    this.#textsMax = Math.ceil(bounds.characters / this.#least)
  }

  get measure (): JsonMeasure {
    const { characters } = this.bounds
    const others = this.bytes.length - this.#left - this.#textSize
    // With too much of all else, a part of the room is for long texts: small enough for the last one to be at the end.
    const textMax = this.#textMax(Math.max(characters - others, Math.floor(characters / 4)))
    const size = others + this.#texts.reduce((sum, length) => sum + Math.min(length, textMax), 0) + (this.#textCount - this.#texts.length) * this.#least
    const isTooMuch = this.#left > 0 || this.#textCount > this.#texts.length || this.#texts.some(length => length > textMax) ||
      size > characters || this.values > this.bounds.values
    return { textMax, keyMax: this.#keyMax, size, values: this.values, isTooMuch }
  }

  protected onText (start: number, end: number, isKey: boolean): void {
    const length = end - start
    if (isKey) {
      this.#left += Math.max(0, length - this.#keyMax)
    } else if (length > this.#least) {
      this.#textCount++
      this.#textSize += length
      if (this.#texts.length < this.#textsMax) this.#texts.push(length)
    }
  }

  protected onNext (): void {}

  protected onFull (at: number): void {
    this.#fullFrom = at
  }

  protected onLeave (at: number, isFull: boolean): void {
    if (isFull) this.#left += at - this.#fullFrom
  }

  /** The length that fills the room when each text has at most that. */
  #textMax (room: number): number {
    if (this.#textCount > this.#texts.length) return this.#least
    let left = room
    const sorted = this.#texts.toSorted((a, b) => a - b)
    for (const [at, length] of sorted.entries()) {
      const share = Math.floor(left / (sorted.length - at))
      if (length > share) return Math.max(this.#least, share)
      left -= length
    }
    return Infinity
  }
}
