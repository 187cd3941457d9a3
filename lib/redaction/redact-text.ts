import { PRIVATE_KEYS, REDACTED, SECRET_PATTERNS, SECRET_QUERY_KEYS } from '../vocabulary/secrets.ts'
import { redactUrl } from './redact-query.ts'
import { redactUserInfo } from './redact-user-info.ts'
import { PIECE_MAX, startOfLastWord, textPieces, type TextPiece } from './text-pieces.ts'

const QUERY_KEYS: ReadonlySet<string> = new Set(SECRET_QUERY_KEYS)
const URLS = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]+/gi

/** What each of the patterns for secrets needs: most texts have none of it, and are looked through once. */
const HINT = /sk-|gh[pousr]_|github_pat_|glpat-|A(?:KIA|SIA|Iza)|eyJ|[Bb][Ee][Aa][Rr][Ee][Rr] |[Bb][Aa][Ss][Ii][Cc] |-----BEGIN/
/** Among the others it makes a row of `x` take ten times as long. */
const SLACK_HINT = /ox[abeoprs]-/
/** The same at the beginning of a word: what is encoded holds the letters alone by chance. */
const HINT_OF_WORD = /(?<!\w)(?:sk-|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|A(?:KIA|SIA|Iza)|eyJ)|:\/\//
/** A blank after the name of a scheme ends no word, for its credentials follow: they are part of one that may be long. */
const CREDENTIALS_OF_WORD = /\b(?:Bearer|Basic) +[\w.~+/-]{16}/i

/** Text without what is a secret by its form, and without names, passwords and secret query keys of URLs. */
export function redactText (text: string): string {
  if (text.length <= PIECE_MAX) return redactPiece(text)
  let redacted = ''
  for (const piece of redactedPieces(text)) redacted += piece
  return redacted
}

/** The same, a piece at a time. */
export function * redactedPieces (text: string): Generator<string> {
  for (const piece of textPieces(text)) yield redactTextPiece(piece)
}

function redactTextPiece ({ text, isLongWord }: TextPiece): string {
  if (!hasHint(text)) return text
  // No secret is as long; to look for those in it would take as long as it likes.
  return isLongWord ? HINT_OF_WORD.test(text) || CREDENTIALS_OF_WORD.test(text) ? REDACTED : text : redactPiece(text)
}

/** Characters that may still be looked at closely: that takes ten times as long as to see that there is nothing. */
export interface CloseLook {
  left: number
}

/**
 * The beginning of a text, redacted, for whoever cannot wait: what is too much to be looked at is cut off. A last word that
 * is cut in two has lost the form that gives a secret away, and is left out where it begins as one.
 *
 * @param limit characters that are wanted
 */
export function redactBeginning (text: string, limit: number, look: CloseLook): { readonly text: string, readonly isCut: boolean } {
  const isLong = text.length > limit
  if (!isLong && text.length <= PIECE_MAX && !hasHint(text)) return { text, isCut: false }
  const isKey = text.includes('-----BEGIN')
  const kept = Math.min(text.length, limit, isKey ? Math.max(look.left, 0) : limit)
  const isCut = kept < text.length
  // A private key has many words, and is one secret.
  const beginning = isKey ? text.slice(0, kept).replace(PRIVATE_KEYS, REDACTED) : text.slice(0, kept)
  const lastWord = isCut ? startOfLastWord(beginning) : beginning.length
  let redacted = ''
  let isAsItWas = !isKey
  for (const piece of textPieces(beginning.slice(0, lastWord))) {
    if (!hasHint(piece.text)) redacted += piece.text
    else if ((look.left -= piece.text.length) < 0) return { text: redacted, isCut: true }
    else {
      const text = redactTextPiece(piece)
      if (text !== piece.text) isAsItWas = false
      redacted += text
    }
  }
  const rest = beginning.slice(lastWord)
  if (hasHint(rest)) return { text: redacted + REDACTED, isCut }
  // What was put together of its pieces would be copied.
  return { text: isAsItWas ? beginning : redacted + rest, isCut }
}

/** Whether there may be something to redact. */
function hasHint (text: string): boolean {
  return text.includes('://') || HINT.test(text) || SLACK_HINT.test(text)
}

function redactPiece (text: string): string {
  const redacted = text.includes('://') ? redactUrls(text) : text
  return HINT.test(redacted) || SLACK_HINT.test(redacted) ? redactPatterns(redacted, SECRET_PATTERNS) : redacted
}

/** @param patterns global ones */
export function redactPatterns (text: string, patterns: readonly RegExp[]): string {
  let redacted = text
  for (const pattern of patterns) redacted = redacted.replace(pattern, REDACTED)
  return redacted
}

function redactUrls (text: string): string {
  return text.replace(URLS, url => redactUrl(redactUserInfo(url), QUERY_KEYS))
}
