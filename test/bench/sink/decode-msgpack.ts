/** Decodes what a tracer of Datadog sends to its agent: MessagePack, without extension types but those it skips. */
export function decodeMsgpack (bytes: Buffer): unknown {
  return new Decoder(bytes).value()
}

class Decoder {
  readonly #bytes: Buffer
  #position = 0

  constructor (bytes: Buffer) {
    this.#bytes = bytes
  }

  value (): unknown {
    const type = this.#unsigned(1)
    if (type < 0x80) return type
    if (type < 0x90) return this.#map(type & 0x0f)
    if (type < 0xa0) return this.#array(type & 0x0f)
    if (type < 0xc0) return this.#text(type & 0x1f)
    if (type >= 0xe0) return type - 0x100
    switch (type) {
      case 0xc0: return null
      case 0xc2: return false
      case 0xc3: return true
      case 0xc4: return this.#binary(this.#unsigned(1))
      case 0xc5: return this.#binary(this.#unsigned(2))
      case 0xc6: return this.#binary(this.#unsigned(4))
      case 0xca: return this.#take(4, at => this.#bytes.readFloatBE(at))
      case 0xcb: return this.#take(8, at => this.#bytes.readDoubleBE(at))
      case 0xcc: return this.#unsigned(1)
      case 0xcd: return this.#unsigned(2)
      case 0xce: return this.#unsigned(4)
      case 0xcf: return this.#take(8, at => this.#bytes.readBigUInt64BE(at))
      case 0xd0: return this.#take(1, at => this.#bytes.readInt8(at))
      case 0xd1: return this.#take(2, at => this.#bytes.readInt16BE(at))
      case 0xd2: return this.#take(4, at => this.#bytes.readInt32BE(at))
      case 0xd3: return this.#take(8, at => this.#bytes.readBigInt64BE(at))
      case 0xd9: return this.#text(this.#unsigned(1))
      case 0xda: return this.#text(this.#unsigned(2))
      case 0xdb: return this.#text(this.#unsigned(4))
      case 0xdc: return this.#array(this.#unsigned(2))
      case 0xdd: return this.#array(this.#unsigned(4))
      case 0xde: return this.#map(this.#unsigned(2))
      case 0xdf: return this.#map(this.#unsigned(4))
      default: throw new RangeError(`MessagePack type 0x${type.toString(16)} is not expected here`)
    }
  }

  #take<T> (size: number, read: (at: number) => T): T {
    const at = this.#position
    this.#position += size
    return read(at)
  }

  #unsigned (size: number): number {
    return this.#take(size, at => this.#bytes.readUIntBE(at, size))
  }

  #binary (size: number): Buffer {
    return this.#take(size, at => this.#bytes.subarray(at, at + size))
  }

  #text (size: number): string {
    return this.#take(size, at => this.#bytes.toString('utf8', at, at + size))
  }

  #array (length: number): unknown[] {
    return Array.from({ length }, () => this.value())
  }

  #map (length: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let index = 0; index < length; index++) map[String(this.value())] = this.value()
    return map
  }
}
