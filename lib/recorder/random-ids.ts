import { getRandomValues } from 'node:crypto'

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * Random numbers for trace and span ids: xoshiro128** (Blackman and Vigna), seeded by the system. Ids must be unique
 * and uniform, not secret, and a generator of one's own costs a fraction of a call into the system's.
 */
export class RandomIds {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor (seed: Uint32Array = getRandomValues(new Uint32Array(4))) {
    const [a = 0, b = 0, c = 0, d = 0] = seed
    this.#a = a | 0
    this.#b = b | 0
    this.#c = c | 0
    // A state of nothing but zeros would stay so.
    this.#d = (a | b | c | d) === 0 ? 1 : d | 0
  }

  /** 32 random bits as a signed integer. */
  next (): number {
    const b = this.#b
    const scrambled = Math.imul(b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9)
    const c = this.#c ^ this.#a
    const d = this.#d ^ b
    this.#b = b ^ c
    this.#a ^= d
    this.#c = c ^ (b << 9)
    this.#d = (d << 11) | (d >>> 21)
    return result
  }

  /** 32 random bits that are not all zero: an id of nothing but zeros is invalid. */
  nextNonZero (): number {
    for (;;) {
      const bits = this.next()
      if (bits !== 0) return bits
    }
  }
}

/** Eight hexadecimal digits of 32 bits. */
export function hexOf (bits: number): string {
  return (HEX_OF_BYTE[bits >>> 24] as string) + (HEX_OF_BYTE[(bits >>> 16) & 0xff] as string) +
    (HEX_OF_BYTE[(bits >>> 8) & 0xff] as string) + (HEX_OF_BYTE[bits & 0xff] as string)
}
