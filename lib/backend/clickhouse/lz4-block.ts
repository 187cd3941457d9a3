import { Exception } from './exception.ts'

/** The block format of LZ4: literals and repetitions of what came before take turns. */
export class Lz4Block {
  readonly #packed: Buffer
  readonly #out: Buffer
  #from = 0
  #to = 0

  /** @param size bytes that it becomes */
  constructor (packed: Buffer, size: number) {
    this.#packed = packed
    this.#out = Buffer.allocUnsafe(size)
  }

  /**
   * Goes on for about so many bytes.
   *
   * @returns the contents, when they are whole
   * @throws {Exception} the block is broken
   */
  next (bytes: number): Buffer | undefined {
    const out = this.#out
    for (const end = this.#to + bytes; this.#from < this.#packed.length && this.#to <= end;) this.#sequence()
    if (this.#from < this.#packed.length) return undefined
    if (this.#to !== out.length) throw malformed('an LZ4 block is not as long as it says')
    return out
  }

  #sequence (): void {
    const packed = this.#packed
    const out = this.#out
    const token = packed[this.#from++]!
    const literals = this.#length(token >>> 4)
    if (this.#from + literals > packed.length || this.#to + literals > out.length) throw malformed('an LZ4 block has too many literals')
    packed.copy(out, this.#to, this.#from, this.#from + literals)
    this.#from += literals
    this.#to += literals
    // The last sequence has no repetition.
    if (this.#from >= packed.length) return
    if (this.#from + 2 > packed.length) throw malformed('an LZ4 block ends too soon')
    const distance = packed.readUInt16LE(this.#from)
    this.#from += 2
    const repeated = this.#length(token & 15) + 4
    if (distance === 0 || distance > this.#to || this.#to + repeated > out.length) throw malformed('an LZ4 block repeats what is not there')
    this.#repeat(distance, repeated)
  }

  #length (nibble: number): number {
    let value = nibble
    if (nibble < 15) return value
    for (let byte = 255; byte === 255; value += byte) {
      if (this.#from >= this.#packed.length) throw malformed('an LZ4 block ends too soon')
      byte = this.#packed[this.#from++]!
    }
    return value
  }

  /** What is repeated may overlap itself: of many bytes, twice as many are copied each time. */
  #repeat (distance: number, repeated: number): void {
    const out = this.#out
    const start = this.#to - distance
    const end = this.#to + repeated
    while (this.#to < end) {
      const count = Math.min(this.#to - start, end - this.#to)
      if (count < 32) for (let left = count; left > 0; left--, this.#to++) out[this.#to] = out[this.#to - distance]!
      else {
        out.copyWithin(this.#to, start, start + count)
        this.#to += count
      }
    }
  }
}

export function malformed (what: string): Exception {
  return Exception.of(271, 'CANNOT_DECOMPRESS', `the body is not in ClickHouse's compressed blocks: ${what}`)
}
