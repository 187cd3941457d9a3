/**
 * CityHash128 in version 1.0.2, the one with which ClickHouse's compressed blocks are checked. Numbers of 64 bits are BigInts: blocks
 * that are written here are few and small.
 */
const K0 = 0xc3a5c85c97cb3127n
const K1 = 0xb492b66fbe98f273n
const K2 = 0x9ae16a3b2f90404fn
const K3 = 0xc949d7c7509e6557n

type Pair = readonly [low: bigint, high: bigint]

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

class CityHash {
  readonly #view: DataView
  readonly #length: number

  constructor (bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#length = bytes.byteLength
  }

  hash (): Pair {
    const length = this.#length
    if (length >= 16) return this.#seeded(16, length - 16, [this.#at(0) ^ K3, this.#at(8)])
    if (length >= 8) return this.#seeded(length, 0, [this.#at(0) ^ u64(BigInt(length) * K0), this.#at(length - 8) ^ K1])
    return this.#seeded(0, length, [K0, K1])
  }

  #at (offset: number): bigint {
    return this.#view.getBigUint64(offset, true)
  }

  #seeded (start: number, length: number, seed: Pair): Pair {
    return length < 128 ? this.#short(start, length, seed) : this.#long(start, length, seed)
  }

  #short (start: number, length: number, [low, high]: Pair): Pair {
    let a = low
    let b = high
    let c: bigint
    let d: bigint
    if (length <= 16) {
      a = u64(shiftMix(u64(a * K1)) * K1)
      c = u64(b * K1 + this.#upTo16(start, length))
      d = shiftMix(u64(a + (length >= 8 ? this.#at(start) : c)))
    } else {
      const end = start + length
      c = mix16(u64(this.#at(end - 8) + K1), a)
      d = mix16(u64(b + BigInt(length)), u64(c + this.#at(end - 16)))
      a = u64(a + d)
      let at = start
      let left = length - 16
      do {
        a = u64((a ^ u64(shiftMix(u64(this.#at(at) * K1)) * K1)) * K1)
        b ^= a
        c = u64((c ^ u64(shiftMix(u64(this.#at(at + 8) * K1)) * K1)) * K1)
        d ^= c
        at += 16
        left -= 16
      } while (left > 0)
    }
    a = mix16(a, c)
    b = mix16(d, b)
    return [a ^ b, mix16(b, a)]
  }

  #upTo16 (start: number, length: number): bigint {
    if (length > 8) {
      const a = this.#at(start)
      const b = this.#at(start + length - 8)
      return mix16(a, rotate(u64(b + BigInt(length)), length)) ^ b
    }
    if (length >= 4) {
      const a = BigInt(this.#view.getUint32(start, true))
      return mix16(u64(BigInt(length) + (a << 3n)), BigInt(this.#view.getUint32(start + length - 4, true)))
    }
    if (length > 0) {
      const [a, b, c] = [start, start + (length >>> 1), start + length - 1].map(at => this.#view.getUint8(at)) as [number, number, number]
      const y = BigInt(a + (b << 8))
      const z = BigInt(length + (c << 2))
      return u64(shiftMix(u64(y * K2) ^ u64(z * K3)) * K2)
    }
    return K2
  }

  #long (start: number, length: number, [low, high]: Pair): Pair {
    let x = low
    let y = high
    let z = u64(BigInt(length) * K1)
    let v: Pair
    let w: Pair
    const v0 = u64(rotate(y ^ K1, 49) * K1 + this.#at(start))
    v = [v0, u64(rotate(v0, 42) * K1 + this.#at(start + 8))]
    w = [u64(rotate(u64(y + z), 35) * K1 + x), u64(rotate(u64(x + this.#at(start + 88)), 53) * K1)]
    let at = start
    let left = length
    while (left >= 128) {
      for (let round = 0; round < 2; round++, at += 64) {
        x = u64(rotate(u64(x + y + v[0] + this.#at(at + 16)), 37) * K1)
        y = u64(rotate(u64(y + v[1] + this.#at(at + 48)), 42) * K1)
        x ^= w[1]
        y ^= v[0]
        z = rotate(z ^ w[0], 33)
        v = this.#weak(at, u64(v[1] * K1), u64(x + w[0]))
        w = this.#weak(at + 32, u64(z + w[1]), y)
        ;[x, z] = [z, x]
      }
      left -= 128
    }
    y = u64(y + rotate(w[0], 37) * K0 + z)
    x = u64(x + rotate(u64(v[0] + z), 49) * K0)
    const end = start + length
    for (let tail = 32; tail - 32 < left; tail += 32) {
      y = u64(rotate(u64(y - x), 42) * K0 + v[1])
      w = [u64(w[0] + this.#at(end - tail + 16)), w[1]]
      x = u64(rotate(x, 49) * K0 + w[0])
      w = [u64(w[0] + v[0]), w[1]]
      v = this.#weak(end - tail, v[0], v[1])
    }
    x = mix16(x, v[0])
    y = mix16(y, w[0])
    return [u64(mix16(u64(x + v[1]), w[1]) + y), mix16(u64(x + w[1]), u64(y + v[1]))]
  }

  #weak (at: number, first: bigint, second: bigint): Pair {
    const w = this.#at(at)
    const x = this.#at(at + 8)
    const y = this.#at(at + 16)
    const z = this.#at(at + 24)
    const a = u64(first + w)
    const b = rotate(u64(second + a + z), 21)
    const sum = u64(a + x + y)
    return [u64(sum + z), u64(b + rotate(sum, 44) + a)]
  }
}

function rotate (value: bigint, shift: number): bigint {
  if (shift === 0) return value
  return u64((value >> BigInt(shift)) | (value << BigInt(64 - shift)))
}

function shiftMix (value: bigint): bigint {
  return value ^ (value >> 47n)
}

function mix16 (low: bigint, high: bigint): bigint {
  const multiplier = 0x9ddfea08eb382d69n
  let a = u64((low ^ high) * multiplier)
  a ^= a >> 47n
  let b = u64((high ^ a) * multiplier)
  b ^= b >> 47n
  return u64(b * multiplier)
}

/** Sixteen bytes, as they stand before a block. */
export function cityHash128 (bytes: Uint8Array): Buffer {
  const [low, high] = new CityHash(bytes).hash()
  const hash = Buffer.allocUnsafe(16)
  hash.writeBigUInt64LE(low, 0)
  hash.writeBigUInt64LE(high, 8)
  return hash
}
