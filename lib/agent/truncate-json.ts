/** What is kept at least of each item of an array or object, before items are left out: a share of what there is room for. */
const leastOf = (max: number): number => Math.max(24, Math.min(160, Math.floor(max / 4)))
const MARKER_MAX = 32
const ELLIPSIS = '…'
/** Values after which there may be a pause. */
const PART = 128

/**
 * JSON text of a JSON value, of at most `max` characters: where it is longer, long texts are cut off, and the middle of
 * long lists and the last keys of large objects left out, so that what is kept is JSON of the same shape. Each part says
 * what it was. It may be left wherever it yields.
 *
 * @param max at least 2
 * @param whole the text of the whole value
 */
export function * truncateJson (value: unknown, max: number, whole = JSON.stringify(value)): Generator<unknown, string> {
  return whole.length <= max ? whole : yield * fit(value, max, { lengths: new Map(), values: 0 })
}

interface Measuring {
  /** Lengths, as JSON, of what takes long to measure; of what was longer than asked for, at least that. */
  readonly lengths: Map<unknown, number>
  /** Values that were looked at. */
  values: number
}

function * fit (value: unknown, max: number, measuring: Measuring): Generator<unknown, string> {
  if (++measuring.values % PART === 0) yield
  if (typeof value === 'string') return fitText(value, max)
  if (typeof value !== 'object' || value === null) {
    const text = JSON.stringify(value)
    return text.length <= max ? text : '""'
  }
  if ((yield * lengthOf(value, measuring, max)) <= max) return JSON.stringify(value)
  return Array.isArray(value) ? yield * fitArray(value, max, measuring) : yield * fitObject(Object.entries(value), max, measuring)
}

function fitText (text: string, max: number): string {
  if (text.length + 2 <= max) {
    const whole = JSON.stringify(text)
    if (whole.length <= max) return whole
  }
  const marker = `${ELLIPSIS} (truncated, original size: ${text.length} chars)`
  const room = max - marker.length - 2
  if (room < 0) return max < 3 ? '""' : `"${ELLIPSIS}"`
  for (let kept = room; ;) {
    const cut = JSON.stringify(wellFormed(text.slice(0, kept)))
    const length = cut.length - 2
    if (length <= room) return `${cut.slice(0, -1)}${marker}"`
    // Characters that are escaped take up to six times the room.
    kept = Math.max(0, Math.floor(kept * room / length) - 1)
  }
}

/** Text without the half of a character that a cut may have left. */
function wellFormed (text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text
}

function * fitArray (items: readonly unknown[], max: number, measuring: Measuring): Generator<unknown, string> {
  let room = max - 2 - MARKER_MAX
  const sizes = new Map<number, number>()
  // From both ends: of a conversation, the beginning and what was said last.
  for (let turn = 0; turn < items.length; turn++) {
    const index = turn % 2 === 0 ? turn / 2 : items.length - (turn + 1) / 2
    const size = yield * lengthOf(items[index], measuring, max)
    const least = Math.min(size, leastOf(max)) + 1
    if (least > room) break
    room -= least
    sizes.set(index, size)
  }
  const kept = [...sizes.keys()]
  if (kept.length === 0) return '[]'
  kept.sort((a, b) => a - b)
  const shares = share(kept.map(index => sizes.get(index) as number), max - 2 - MARKER_MAX - kept.length)
  const texts: string[] = []
  for (const [at, index] of kept.entries()) texts.push(yield * fit(items[index], shares[at] as number, measuring))
  if (kept.length < items.length) {
    const gap = kept.findIndex((index, at) => index !== at)
    texts.splice(gap === -1 ? texts.length : gap, 0, `"${ELLIPSIS} (${items.length - kept.length} more items)"`)
  }
  return `[${texts.join(',')}]`
}

function * fitObject (entries: ReadonlyArray<[string, unknown]>, max: number, measuring: Measuring): Generator<unknown, string> {
  let room = max - 2 - MARKER_MAX
  const kept: Array<{ readonly key: string, readonly value: unknown, readonly size: number }> = []
  for (const [name, value] of entries) {
    const key = `${JSON.stringify(name)}:`
    const size = yield * lengthOf(value, measuring, max)
    const least = key.length + 1 + Math.min(size, leastOf(max))
    if (least > room) break
    room -= least
    kept.push({ key, value, size })
  }
  if (kept.length === 0) return '{}'
  const keys = kept.reduce((sum, { key }) => sum + key.length + 1, 0)
  const shares = share(kept.map(({ size }) => size), max - 2 - MARKER_MAX - keys)
  const texts: string[] = []
  for (const [at, { key, value }] of kept.entries()) texts.push(key + (yield * fit(value, shares[at] as number, measuring)))
  if (kept.length < entries.length) texts.push(`"${ELLIPSIS}":"${entries.length - kept.length} more keys"`)
  return `{${texts.join(',')}}`
}

/** Gives small parts what they need, and divides what is left equally among the others. */
function share (sizes: readonly number[], total: number): number[] {
  const shares = new Array<number>(sizes.length)
  let left = total
  const bySize = sizes.map((size, index) => ({ size, index })).sort((a, b) => a.size - b.size)
  bySize.forEach(({ size, index }, at) => {
    const given = Math.min(size, Math.floor(left / (bySize.length - at)))
    shares[index] = given
    left -= given
  })
  return shares
}

/** The length of a value as JSON; where that is more than `max`, any number that is more. */
function * lengthOf (value: unknown, measuring: Measuring, max: number): Generator<unknown, number> {
  if (++measuring.values % PART === 0) yield
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value).length
  if (typeof value === 'string') return value.length > max ? value.length : JSON.stringify(value).length
  const known = measuring.lengths.get(value)
  if (known !== undefined) return known
  const length = yield * lengthOfParts(value as object, measuring, max)
  measuring.lengths.set(value, length)
  return length
}

function * lengthOfParts (value: object, measuring: Measuring, max: number): Generator<unknown, number> {
  let length = 2
  if (Array.isArray(value)) {
    for (const item of value) if ((length += (yield * lengthOf(item, measuring, max)) + 1) > max + 1) return length
  } else {
    for (const [key, item] of Object.entries(value)) if ((length += JSON.stringify(key).length + 2 + (yield * lengthOf(item, measuring, max))) > max + 1) return length
  }
  return length === 2 ? length : length - 1
}
