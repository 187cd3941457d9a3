import { isMarkedAsUntransferable } from 'node:worker_threads'
import type { Parcel } from './parcel.ts'

/** A parcel as a message to another thread, and the memory that goes with it instead of being copied. */
export interface HandOver {
  readonly parcel: Parcel
  readonly transfer: ArrayBuffer[]
}

export function handOver (parcel: Parcel): HandOver {
  if ('items' in parcel) {
    const items = ownMemory(parcel.items)
    return { parcel: { ...parcel, scope: exactMemory(parcel.scope), items }, transfer: [items.buffer] }
  }
  if ('request' in parcel) {
    const request = ownMemory(parcel.request)
    return { parcel: { ...parcel, request }, transfer: [request.buffer] }
  }
  return { parcel, transfer: [] }
}

/** The bytes in memory that can go to another thread: a copy where most of the memory is something else. */
function ownMemory (bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const goes = buffer instanceof ArrayBuffer && bytes.byteLength >= buffer.byteLength / 2 && !isMarkedAsUntransferable(buffer)
  return goes ? bytes as Uint8Array<ArrayBuffer> : new Uint8Array(bytes)
}

/** With a view, all of the memory behind it would be copied. */
function exactMemory (bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
