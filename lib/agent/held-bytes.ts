/** Values that are looked at: what a prompt weighs is in its long texts. */
const VALUES_MAX = 4_096
/** Of a number, or of what holds others, about. */
const VALUE_BYTES = 16

/** How much memory a value holds, about: what is not told by its first few thousand values is left out. Never throws. */
export function heldBytes (value: unknown): number {
  const waiting = [value]
  let bytes = 0
  for (let values = 0; values < VALUES_MAX && waiting.length > 0; values++) {
    const next = waiting.pop()
    bytes += VALUE_BYTES
    if (typeof next === 'string') bytes += next.length
    else if (ArrayBuffer.isView(next)) bytes += next.byteLength
    else if (typeof next === 'object' && next !== null) addParts(next, waiting)
  }
  return bytes
}

function addParts (object: object, parts: unknown[]): void {
  try {
    for (const key in object) {
      if (parts.length >= VALUES_MAX) return
      parts.push((object as Readonly<Record<string, unknown>>)[key])
    }
  } catch {
    // Whoever keeps it says so.
  }
}
