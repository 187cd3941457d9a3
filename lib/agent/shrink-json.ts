import { cutText } from './cut-text.ts'
import { JsonGap, MORE_KEYS } from './json-gap.ts'
import { JsonScan } from './json-scan.ts'
import { JsonMeasuring, type JsonMeasure } from './measure-json.ts'
import { PAYLOAD_BOUNDS, type PayloadBounds } from './payload-bounds.ts'

/** Bytes after which there may be a pause. */
const PART = 65_536

/**
 * JSON text within bounds, so that parsing it takes a bounded time. Texts that are long are cut off, each at the same length; where
 * there are too many members or items, those in the middle are left out: of a conversation, its beginning and what was said
 * last are kept. It is still JSON where it was. It may be left wherever it yields.
 *
 * @returns the very bytes where nothing is too much; nothing where they are no JSON, as far as brackets and quotes tell, or too deep
 */
export function * shrinkJson (bytes: Buffer, bounds = PAYLOAD_BOUNDS): Generator<unknown, Buffer | undefined> {
  const measuring = new JsonMeasuring(bytes, bounds)
  yield * read(measuring)
  if (!measuring.isWhole) return undefined
  const { measure } = measuring
  if (!measure.isTooMuch) return bytes
  const shrinking = new JsonShrinking(bytes, bounds, measure)
  yield * read(shrinking)
  return shrinking.result
}

function * read (scan: JsonScan): Generator<unknown, void> {
  while (!scan.isDone) {
    scan.readOn(PART)
    yield
  }
}

class JsonShrinking extends JsonScan {
  readonly #measure: JsonMeasure
  readonly #kept: Buffer[] = []
  /** Bytes from here on are kept; nowhere, nothing is. */
  #from: number | undefined = 0
  /** What was left out of texts, keys and members until now. */
  #left = 0
  #fullFrom = 0
  readonly #hasTooManyValues: boolean
  readonly #isTooLarge: boolean
  /** Where the middle is left out that is too much: nowhere yet, from some place on, or it has ended. */
  #gap: JsonGap | undefined
  #isAfterGap = false

  constructor (bytes: Buffer, bounds: PayloadBounds, measure: JsonMeasure) {
    super(bytes, bounds)
    this.#measure = measure
    this.#hasTooManyValues = measure.values > bounds.values
    this.#isTooLarge = measure.size > bounds.characters
  }

  get result (): Buffer {
    if (this.#from !== undefined) this.#kept.push(this.bytes.subarray(this.#from))
    return Buffer.concat(this.#kept)
  }

  protected onText (start: number, end: number, isKey: boolean): void {
    const length = end - start
    const max = isKey ? this.#measure.keyMax : this.#measure.textMax
    if (length <= max) return
    this.#left += length - max
    if (this.#from === undefined) return
    const { cut, note } = cutText(this.bytes, start, end, max, isKey ? this.open.at(-1) : undefined)
    this.#replace(cut, end, note)
  }

  protected onFull (at: number): void {
    this.#fullFrom = at
    if (!this.#isAfterGap) this.#gap?.next(this.open)
  }

  protected onNext (at: number): void {
    if (this.#isAfterGap) return
    const size = at - this.#left
    if (this.#gap === undefined) {
      if (this.#isHalf(size)) this.#gap = this.#leaveOut(at, size)
    } else {
      this.#gap.next(this.open)
      if (this.#gap.fits(this.#measure.size - size, this.#measure.values - this.values + 1, this.open)) this.#goOn(this.#gap, at)
    }
  }

  protected onLeave (at: number, isFull: boolean): void {
    if (isFull) {
      this.#left += at - this.#fullFrom
      this.#replace(this.#fullFrom, at, `,${MORE_KEYS}`)
    }
    const end = this.#isAfterGap ? undefined : this.#gap?.leave(this.open)
    if (end !== undefined) this.#kept.push(Buffer.from(end))
  }

  #isHalf (size: number): boolean {
    return (this.#isTooLarge && size >= this.bounds.characters / 2) || (this.#hasTooManyValues && this.values >= this.bounds.values / 2)
  }

  #leaveOut (at: number, size: number): JsonGap {
    this.#kept.push(this.bytes.subarray(this.#from, at))
    this.#from = undefined
    return new JsonGap(this.open, {
      size: this.#isTooLarge ? this.bounds.characters - size : Infinity,
      // What comes next is counted already, and is left out.
      values: this.#hasTooManyValues ? this.bounds.values - this.values + 1 : Infinity
    })
  }

  #goOn (gap: JsonGap, at: number): void {
    this.#kept.push(...gap.end(this.open, this.bytes, this.#measure.keyMax))
    this.#from = at
    this.#isAfterGap = true
  }

  #replace (start: number, end: number, text: string): void {
    if (this.#from === undefined) return
    this.#kept.push(this.bytes.subarray(this.#from, start), Buffer.from(text))
    this.#from = end
  }
}
