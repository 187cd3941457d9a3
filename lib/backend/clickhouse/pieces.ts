/** Bytes of several parts, in pieces of one size; the last is what is left. Where a part has a whole piece, it is not copied. */
export function * piecesOf (parts: Iterable<Uint8Array>, size: number): Generator<Uint8Array> {
  let gathered = Buffer.alloc(0)
  let filled = 0
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      if (filled === 0 && part.length - at >= size) {
        yield part.subarray(at, at + size)
        at += size
        continue
      }
      if (filled === 0) gathered = Buffer.allocUnsafe(size)
      const taken = part.subarray(at, at + size - filled)
      gathered.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled < size) continue
      yield gathered
      filled = 0
    }
  }
  if (filled > 0) yield gathered.subarray(0, filled)
}
