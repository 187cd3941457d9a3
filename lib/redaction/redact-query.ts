import { REDACTED } from '../vocabulary/secrets.ts'

/**
 * Replaces the values of secret keys in a query string. Everything else, order and malformed parts too, stays as the
 * client sent it. A key counts as secret in any case and in any percent-encoding; a key that cannot be decoded is
 * compared as it stands.
 *
 * @param query without the leading `?`
 * @param secretKeys in lower case
 */
export function redactQuery (query: string, secretKeys: ReadonlySet<string>): string {
  let redacted = ''
  let start = 0
  while (start <= query.length) {
    let end = query.indexOf('&', start)
    if (end === -1) end = query.length
    const equals = query.indexOf('=', start)
    const hasValue = equals !== -1 && equals < end
    const key = query.slice(start, hasValue ? equals : end)
    if (start > 0) redacted += '&'
    redacted += hasValue && secretKeys.has(decodedKey(key)) ? `${key}=${REDACTED}` : query.slice(start, end)
    start = end + 1
  }
  return redacted
}

/** A URL, or the path of one, with its query redacted. */
export function redactUrl (url: string, secretKeys: ReadonlySet<string>): string {
  const mark = url.indexOf('?')
  return mark === -1 ? url : `${url.slice(0, mark + 1)}${redactQuery(url.slice(mark + 1), secretKeys)}`
}

function decodedKey (key: string): string {
  if (key.indexOf('%') === -1 && key.indexOf('+') === -1) return key.toLowerCase()
  try {
    // A plus is a space in a query; spaces around a key are dropped by lenient parsers.
    return decodeURIComponent(key.replaceAll('+', ' ')).trim().toLowerCase()
  } catch {
    return key.toLowerCase()
  }
}
