import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import { fieldsOf } from './message-fields.ts'
import type { OutgoingRequest } from './parcel.ts'

/** A request, or a part of one. */
export type RequestPart = Pick<OutgoingRequest, 'signal' | 'count' | 'body'>

// The same in all three signals: a request holds resources, a resource scopes, a scope spans, metrics or log records.
const DEPTH_OF_ITEMS = 2
const NESTED_FIELDS = [1, 2, 2] as const
/** Fields of a metric that hold its data points, one of them; the points are field 1 of each. */
const METRIC_DATA: ReadonlySet<number> = new Set([5, 7, 9, 10, 11])

const LENGTH_DELIMITED = 2

/** Two requests of about half the size, in order, of one; nothing where it holds one item alone, or is no request. */
export function splitRequest ({ signal, count, body }: RequestPart): readonly [RequestPart, RequestPart] | undefined {
  try {
    const items = [...itemsOf(body)]
    if (items.length < 2) return undefined
    const cut = middleOf(items)
    const weight = items.slice(0, cut).reduce((sum, item) => sum + weightOf(signal, item), 0)
    // What was counted when it was taken stays the sum.
    const firstCount = Math.min(weight, count)
    return [
      { signal, count: firstCount, body: partOf(body, 0, cut) },
      { signal, count: count - firstCount, body: partOf(body, cut, items.length) }
    ]
  } catch {
    return undefined
  }
}

/** A request without so many of `count` at its beginning; nothing where nothing is left, or it is no request. */
export function withoutFirst ({ signal, count, body }: RequestPart, done: number): RequestPart | undefined {
  try {
    const items = [...itemsOf(body)]
    let cut = 0
    for (let weight = 0; cut < items.length && weight < done; cut++) weight += weightOf(signal, items[cut] as Uint8Array)
    return cut === items.length ? undefined : { signal, count: count - done, body: partOf(body, cut, items.length) }
  } catch {
    return undefined
  }
}

function * itemsOf (message: Uint8Array, depth = 0): Generator<Uint8Array> {
  for (const { number, bytes } of fieldsOf(message)) {
    if (number !== NESTED_FIELDS[depth] || bytes === undefined) continue
    if (depth === DEPTH_OF_ITEMS) yield bytes
    else yield * itemsOf(bytes, depth + 1)
  }
}

/** How many items are about half of the bytes; at least one is on each side. */
function middleOf (items: readonly Uint8Array[]): number {
  const half = items.reduce((sum, { length }) => sum + length, 0) / 2
  let cut = 0
  for (let bytes = 0; cut < items.length - 1 && bytes < half; cut++) bytes += items[cut]?.length ?? 0
  // Items of no bytes have no half.
  return Math.max(1, cut)
}

/** What an item is counted with. */
function weightOf (signal: RequestPart['signal'], item: Uint8Array): number {
  return signal === 'metrics' ? pointsOf(item) : 1
}

function pointsOf (metric: Uint8Array): number {
  let points = 0
  for (const { number, bytes } of fieldsOf(metric)) {
    if (!METRIC_DATA.has(number) || bytes === undefined) continue
    for (const inner of fieldsOf(bytes)) if (inner.number === 1) points++
  }
  return points
}

/** The request with the items from `from` to before `to` alone. */
function partOf (body: Uint8Array, from: number, to: number): Uint8Array {
  const writer = new ProtobufWriter(body.length)
  let at = 0

  /** @returns whether there was one of the items in it */
  function write (message: Uint8Array, depth: number): boolean {
    let hasItems = false
    for (const { number, bytes } of fieldsOf(message)) {
      if (bytes === undefined) continue
      const start = writer.at
      writer.varint(number * 8 + LENGTH_DELIMITED)
      if (number !== NESTED_FIELDS[depth]) writer.lengthDelimited(bytes)
      else if (depth === DEPTH_OF_ITEMS) {
        if (at >= from && at < to) {
          writer.lengthDelimited(bytes)
          hasItems = true
        } else writer.at = start
        at++
      } else {
        const length = writer.begin()
        if (write(bytes, depth + 1)) {
          writer.finish(length)
          hasItems = true
        } else writer.at = start
      }
    }
    return hasItems
  }

  write(body, 0)
  // The writer has room for the whole.
  return new Uint8Array(writer.written)
}
