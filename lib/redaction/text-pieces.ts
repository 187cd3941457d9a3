import { PRIVATE_KEYS, REDACTED } from '../vocabulary/secrets.ts'

/** A part of a text that holds secrets whole, or none of them. */
export interface TextPiece {
  readonly text: string
  /** A row of characters without an end of a word, longer than any piece. */
  readonly isLongWord: boolean
}

/** Characters of a piece, but for a word that is longer. */
export const PIECE_MAX = 16_384
const SEPARATOR = /[\t-\r "'<>]/g
/** The name of a scheme, which its credentials follow. */
const SCHEME = /(?:bearer|basic)$/i
const SCHEME_MAX = 6

/** A text in pieces, which it is when they are put together; only private keys, which have many lines, are taken out before. */
export function * textPieces (whole: string): Generator<TextPiece> {
  const text = whole.includes('-----BEGIN') ? whole.replace(PRIVATE_KEYS, REDACTED) : whole
  for (let start = 0; start < text.length;) {
    const end = text.length - start <= PIECE_MAX ? text.length : endOfPiece(text, start)
    yield { text: text.slice(start, end), isLongWord: end - start > PIECE_MAX }
    start = end
  }
}

/** The end of the last word that fits into a piece, else that of the one that does not. */
function endOfPiece (text: string, start: number): number {
  let end = start + PIECE_MAX
  while (end > start && !endsWord(text, end)) end--
  if (end > start) return end
  SEPARATOR.lastIndex = start + PIECE_MAX
  while (SEPARATOR.test(text)) if (endsWord(text, SEPARATOR.lastIndex)) return SEPARATOR.lastIndex
  return text.length
}

/** Where the last word of a text begins; its end where that is longer than a piece. */
export function startOfLastWord (text: string): number {
  const least = Math.max(text.length - PIECE_MAX, 0)
  let end = text.length
  while (end > least && !endsWord(text, end)) end--
  return least > 0 && !endsWord(text, end) ? text.length : end
}

/** Whether no secret and no URL goes on after a character. */
function endsWord (text: string, end: number): boolean {
  const code = text.charCodeAt(end - 1)
  // '"', "'", '<', '>'
  if (code === 0x22 || code === 0x27 || code === 0x3c || code === 0x3e) return true
  if (!isSpace(code) || isSpace(text.charCodeAt(end - 2))) return false
  return !SCHEME.test(text.slice(Math.max(end - 1 - SCHEME_MAX, 0), end - 1))
}

function isSpace (code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}
