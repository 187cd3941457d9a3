import type { MapColumn } from '../rows/columns.ts'
import { writeValue } from './attribute-text.ts'
import { ProtobufReader } from './protobuf-reader.ts'

/** Numbers that are kept of each: where key and value begin and end. */
const PLACES = 4
/** From so many on, sorting by insertion takes longer, and of very many for ever. */
const MANY = 64

/**
 * Attributes of one span, record, point, event or link: gathered, and then written in the order of their keys, as the Collector does.
 * So the same attributes are the same map, whoever sent them in whatever order.
 */
export class AttributeList {
  #places = new Uint32Array(PLACES * 32)
  #count = 0

  /** Gathers the `KeyValue` in the present field. */
  add (from: ProtobufReader): void {
    from.delimited()
    const reader = new ProtobufReader(from.bytes, from.start, from.end)
    const at = this.#count * PLACES
    if (at === this.#places.length) this.#grow()
    const places = this.#places
    places.fill(0, at, at + PLACES)
    while (reader.next()) {
      if (reader.field !== 1 && reader.field !== 2) {
        reader.skip()
        continue
      }
      reader.delimited()
      const place = at + (reader.field - 1) * 2
      places[place] = reader.start
      places[place + 1] = reader.end
    }
    this.#count += 1
  }

  /** Writes a row of what was gathered, and begins anew. */
  writeRow (map: MapColumn, bytes: Uint8Array): void {
    this.#sort(bytes)
    const places = this.#places
    const value = new ProtobufReader(bytes)
    for (let at = 0; at < this.#count * PLACES; at += PLACES) {
      map.keys.bytesText(bytes, places[at]!, places[at + 1]!)
      writeValue(map.values, value.enter(places[at + 2]!, places[at + 3]!))
    }
    map.added(this.#count)
    map.endRow()
    this.#count = 0
  }

  /** By insertion: there are few, and senders often have them in order. What has the same key stays in its order. */
  #sort (bytes: Uint8Array): void {
    if (this.#count >= MANY) {
      this.#sortMany(bytes)
      return
    }
    const places = this.#places
    for (let next = PLACES; next < this.#count * PLACES; next += PLACES) {
      const [keyStart, keyEnd, valueStart, valueEnd] = [places[next]!, places[next + 1]!, places[next + 2]!, places[next + 3]!]
      let at = next
      while (at > 0 && compare(bytes, places[at - PLACES]!, places[at - PLACES + 1]!, keyStart, keyEnd) > 0) {
        places.copyWithin(at, at - PLACES, at)
        at -= PLACES
      }
      places[at] = keyStart
      places[at + 1] = keyEnd
      places[at + 2] = valueStart
      places[at + 3] = valueEnd
    }
  }

  #sortMany (bytes: Uint8Array): void {
    const places = this.#places.slice(0, this.#count * PLACES)
    const order = Array.from({ length: this.#count }, (_, index) => index * PLACES)
    order.sort((a, b) => compare(bytes, places[a]!, places[a + 1]!, places[b]!, places[b + 1]!))
    for (const [index, from] of order.entries()) this.#places.set(places.subarray(from, from + PLACES), index * PLACES)
  }

  #grow (): void {
    const larger = new Uint32Array(this.#places.length * 2)
    larger.set(this.#places)
    this.#places = larger
  }
}

function compare (bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  let b = bStart
  for (let a = aStart; a < aEnd && b < bEnd; a++, b++) {
    const difference = bytes[a]! - bytes[b]!
    if (difference !== 0) return difference
  }
  return (aEnd - aStart) - (bEnd - bStart)
}
