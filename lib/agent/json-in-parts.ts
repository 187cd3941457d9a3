/** Objects and arrays within each other whose members are written one by one: a prompt is `{ messages: [{ … }, … ] }`. */
const DEPTH = 2
/** Items after which there may be a pause. */
const PART = 64

/** The same as `JSON.stringify` of a value that is JSON. It may be left wherever it yields. */
export function * jsonInParts (value: unknown, depth = 0): Generator<unknown, string> {
  if (typeof value !== 'object' || value === null || depth === DEPTH) return JSON.stringify(value)
  const parts: string[] = []
  if (Array.isArray(value)) {
    for (const item of value) {
      parts.push(yield * jsonInParts(item, depth + 1))
      if (parts.length % PART === 0) yield
    }
    return `[${parts.join(',')}]`
  }
  for (const [key, member] of Object.entries(value)) {
    parts.push(`${JSON.stringify(key)}:${yield * jsonInParts(member, depth + 1)}`)
    if (parts.length % PART === 0) yield
  }
  return `{${parts.join(',')}}`
}
