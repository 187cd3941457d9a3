import { ProtobufWriter, varintLength } from '../otlp/protobuf-writer.ts'
import type { Fragment } from './parcel.ts'

// The same field numbers in all three signals: field number × 8 + wire type.
const REQUEST_RESOURCES = 0x0a
const RESOURCE_RESOURCE = 0x0a
const RESOURCE_SCOPES = 0x12

/** A writer keeps room for the longest varint, also at its end. */
const VARINT_MAX = 10

/**
 * Makes the request that holds all fragments of one signal: one resource, and each scope once, in the order in which
 * they first appear.
 *
 * @param resource the encoded `Resource` message
 * @param memory gives at least that many bytes to write to; without it they are new
 */
export function composeRequest (
  resource: Uint8Array, fragments: ReadonlyArray<Pick<Fragment, 'scope' | 'items'>>, memory?: (bytes: number) => ArrayBuffer
): Uint8Array {
  const scopes = byScope(fragments)
  let length = fieldLength(resource.length)
  for (const { bytes } of scopes) length += fieldLength(bytes)
  const room = fieldLength(length) + VARINT_MAX
  const writer = new ProtobufWriter(memory?.(room) ?? room)
  writeLength(writer, REQUEST_RESOURCES, length)
  writeLength(writer, RESOURCE_RESOURCE, resource.length)
  writer.raw(resource)
  for (const { parts, bytes } of scopes) {
    writeLength(writer, RESOURCE_SCOPES, bytes)
    for (const part of parts) writer.raw(part)
  }
  return writer.written
}

interface ScopeParts {
  /** The scope's own fields, then the items of every fragment. */
  readonly parts: Uint8Array[]
  bytes: number
}

function byScope (fragments: ReadonlyArray<Pick<Fragment, 'scope' | 'items'>>): ScopeParts[] {
  const scopes = new Map<string, ScopeParts>()
  for (const { scope, items } of fragments) {
    const key = Buffer.from(scope.buffer, scope.byteOffset, scope.length).toString('latin1')
    let entry = scopes.get(key)
    if (entry === undefined) {
      entry = { parts: [scope], bytes: scope.length }
      scopes.set(key, entry)
    }
    entry.parts.push(items)
    entry.bytes += items.length
  }
  return [...scopes.values()]
}

function writeLength (writer: ProtobufWriter, tag: number, length: number): void {
  writer.byte(tag)
  writer.varint(length)
}

/** A field with a tag of one byte and a content of so many bytes. */
function fieldLength (length: number): number {
  return 1 + varintLength(length) + length
}
