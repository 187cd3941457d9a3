import { REDACTED } from '../vocabulary/secrets.ts'

// Some servers take ';' for '&', and '#' or ';' for the start of a query.
const SEPARATORS = '&;'
const QUERY_MARKS = '?#;'
/** What may stand around a name, and between several. */
const NESTED = /[[\]?#]/

/**
 * Replaces the values of secret keys in a query string. Everything else, order and malformed parts too, stays as the
 * client sent it. A key counts as secret in any case, in any percent-encoding and in brackets (`token[]`,
 * `user[password]`); a key that cannot be decoded is compared as it stands.
 *
 * @param query without the leading `?`
 * @param secretKeys in lower case
 */
export function redactQuery (query: string, secretKeys: ReadonlySet<string>): string {
  let redacted = ''
  for (let start = 0; ;) {
    const end = indexOfAny(query, SEPARATORS, start)
    redacted += redactPair(end === -1 ? query.slice(start) : query.slice(start, end), secretKeys)
    if (end === -1) return redacted
    redacted += query[end]
    start = end + 1
  }
}

/** A URL, or the path of one, with its query redacted: everything after the first `?`, `#` or `;`. */
export function redactUrl (url: string, secretKeys: ReadonlySet<string>): string {
  const mark = indexOfAny(url, QUERY_MARKS)
  return mark === -1 ? url : `${url.slice(0, mark + 1)}${redactQuery(url.slice(mark + 1), secretKeys)}`
}

/** Where the first of `characters` stands in `text` from `start` on; -1 where none does. */
export function indexOfAny (text: string, characters: string, start = 0): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    for (let index = 0; index < characters.length; index++) if (code === characters.charCodeAt(index)) return at
  }
  return -1
}

/** Whether a URL is a path alone, or a text holds no other, with nothing in it to redact. */
export function isPlainPath (url: string): boolean {
  return url.indexOf('?') === -1 && url.indexOf(';') === -1 && url.indexOf('#') === -1
}

function redactPair (pair: string, secretKeys: ReadonlySet<string>): string {
  const equals = pair.indexOf('=')
  if (equals === -1) return pair
  const key = pair.slice(0, equals)
  return isSecret(key, secretKeys) ? `${key}=${REDACTED}` : pair
}

function isSecret (key: string, secretKeys: ReadonlySet<string>): boolean {
  const name = decoded(key).toLowerCase()
  if (secretKeys.has(name)) return true
  if (!NESTED.test(name)) return secretKeys.has(name.trim())
  // Spaces, brackets and marks around and between names are no part of them.
  return name.replaceAll(']', '[').replaceAll('?', '[').replaceAll('#', '[').split('[').some(part => secretKeys.has(part.trim()))
}

function decoded (key: string): string {
  if (key.indexOf('%') === -1 && key.indexOf('+') === -1) return key
  const spaced = key.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
