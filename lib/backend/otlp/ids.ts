import type { ByteRun } from '../rows/byte-run.ts'

export const TRACE_ID_BYTES = 16
export const SPAN_ID_BYTES = 8

/** Whether bytes are an id: of the right length, and not all zero. */
export function isId (bytes: Uint8Array, start: number, end: number, length: number): boolean {
  return end - start === length && !isZero(bytes, start, end)
}

/** Whether bytes are an id, or say that there is none. */
export function isIdOrNone (start: number, end: number, length: number): boolean {
  return end === start || end - start === length
}

/** In hexadecimal; what is no id is an empty text. */
export function writeId (column: ByteRun, bytes: Uint8Array, start: number, end: number): void {
  if (isZero(bytes, start, end)) column.varint(0)
  else column.hexText(bytes, start, end)
}

function isZero (bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (bytes[index] !== 0) return false
  return true
}
