import { MORE } from './payload-bounds.ts'

/** Bytes of a word that are more than any secret has. */
const WORD_MAX = 4_096
/** Letters of the longest escape. */
const ESCAPE_MAX = 6
const SPACE = 32
const BACKSLASH = 92
/** Bytes of a note, about. */
const NOTE = 64

/**
 * Where a JSON text, or a key, is cut off, and what stands there instead.
 *
 * @param start of the text, within its quotes
 * @param max bytes that are kept of it, with the note
 * @param keyOf the object that it is a key of: its place tells it from others that are cut off
 */
export function cutText (bytes: Buffer, start: number, end: number, max: number, keyOf?: { readonly count: number }): { readonly cut: number, readonly note: string } {
  return {
    cut: cutBefore(bytes, start, start + Math.max(0, max - NOTE)),
    note: `${MORE} (${keyOf === undefined ? 'truncated' : `key ${keyOf.count}`}, original size: ${end - start} bytes)`
  }
}

/** The end of a word before a byte, which may be in the midst of a secret, a character or an escape. */
function cutBefore (bytes: Buffer, start: number, end: number): number {
  const least = Math.max(start, end - WORD_MAX)
  // Not in all that comes before: each text that is cut off would cost as much as the whole.
  const space = bytes.subarray(least, end).lastIndexOf(SPACE)
  if (space !== -1) return least + space
  let cut = least
  while (cut > start && ((bytes[cut] as number) & 0xc0) === 0x80) cut--
  const first = Math.max(start, cut - ESCAPE_MAX + 1)
  const escape = bytes.subarray(first, cut).lastIndexOf(BACKSLASH)
  return escape === -1 ? cut : escapeStart(bytes, start, first + escape)
}

/** Where a row of backslashes begins: before it there is no escape. */
function escapeStart (bytes: Buffer, start: number, last: number): number {
  let first = last
  while (first > start && bytes[first - 1] === BACKSLASH) first--
  return first
}
