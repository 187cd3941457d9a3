import { cutText } from './cut-text.ts'
import type { OpenContainer } from './json-scan.ts'
import { MORE } from './payload-bounds.ts'

export const MORE_KEYS = `"${MORE}":"more keys"`

/** Containers, within the one in which something is left out, that are opened once more for what comes after it. */
const REOPENED_MAX = 16

/** The middle of a JSON text, which is left out from one comma to another: what it ends is closed, and what it begins opened again. */
export class JsonGap {
  readonly #room: number
  readonly #values: number
  /** Containers that are open on both sides of it. */
  #depth: number
  /** Members or items of the innermost of them before the first that is left out. */
  #before: number
  /** Whether anything of that one is left out. */
  #isWithin = true

  /** @param room bytes and values that there may be after it */
  constructor (open: readonly OpenContainer[], room: { readonly size: number, readonly values: number }) {
    this.#depth = open.length
    this.#before = innermostOf(open).count - 1
    this.#room = room.size
    this.#values = room.values
  }

  /** A comma within the gap. */
  next (open: readonly OpenContainer[]): void {
    if (open.length > this.#depth || this.#isWithin) return
    this.#isWithin = true
    this.#before = innermostOf(open).count - 1
  }

  /** @returns what stands in place of the end of a container, of one that began before the gap */
  leave (open: readonly OpenContainer[]): string | undefined {
    if (open.length > this.#depth) return undefined
    const container = innermostOf(open)
    const note = this.#isWithin ? `,${noteOf(container, container.count - this.#before)}` : ''
    this.#depth--
    this.#isWithin = false
    return `${note}${container.isObject ? '}' : ']'}`
  }

  /** Whether what comes after a comma may be kept, with all the rest. */
  fits (size: number, values: number, open: readonly OpenContainer[]): boolean {
    return size <= this.#room && values <= this.#values && open.length - this.#depth <= REOPENED_MAX
  }

  /** @returns what stands in place of the gap that ends before a comma */
  * end (open: readonly OpenContainer[], bytes: Buffer, keyMax: number): Generator<Buffer, void> {
    let outer = open[this.#depth - 1] as OpenContainer
    let left = outer.count - 1 - this.#before
    if (left > 0) yield Buffer.from(`,${noteOf(outer, left)}`)
    // Before it there is something in any case: a gap begins at a comma.
    let comma = ','
    for (const container of open.slice(this.#depth)) {
      yield Buffer.from(comma)
      if (outer.isObject) yield * keyOf(container, outer, bytes, keyMax)
      yield Buffer.from(container.isObject ? '{' : '[')
      left = container.count - 1
      if (left > 0) yield Buffer.from(noteOf(container, left))
      comma = left > 0 ? ',' : ''
      outer = container
    }
  }
}

function innermostOf (open: readonly OpenContainer[]): OpenContainer {
  return open[open.length - 1] as OpenContainer
}

function noteOf ({ isObject }: OpenContainer, left: number): string {
  return isObject ? MORE_KEYS : `"${MORE} (${left} more items)"`
}

function * keyOf ({ keyStart, keyEnd }: OpenContainer, outer: OpenContainer, bytes: Buffer, keyMax: number): Generator<Buffer, void> {
  yield Buffer.from('"')
  if (keyEnd - keyStart <= keyMax) {
    yield bytes.subarray(keyStart, keyEnd)
  } else {
    const { cut, note } = cutText(bytes, keyStart, keyEnd, keyMax, outer)
    yield bytes.subarray(keyStart, cut)
    yield Buffer.from(note)
  }
  yield Buffer.from('":')
}
