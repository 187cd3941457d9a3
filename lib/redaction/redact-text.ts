import { REDACTED, SECRET_PATTERNS, SECRET_QUERY_KEYS } from '../vocabulary/secrets.ts'
import { redactUrl } from './redact-query.ts'

const QUERY_KEYS: ReadonlySet<string> = new Set(SECRET_QUERY_KEYS)
const URLS = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]+/gi
/** Name and password of a URL, up to the last `@` before its path: a password may hold one. */
const USER_INFO = /^([^/]*\/\/)([^/?#]*)@/

/** What each of the patterns for secrets needs: most texts have none of it, and are looked through once. */
const HINT = /sk-|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|A(?:KIA|SIA|Iza)|eyJ|[Bb][Ee][Aa][Rr][Ee][Rr] |[Bb][Aa][Ss][Ii][Cc] |-----BEGIN/

/** Text without what is a secret by its form, and without names, passwords and secret query keys of URLs. */
export function redactText (text: string): string {
  const redacted = text.includes('://') ? redactUrls(text) : text
  return HINT.test(redacted) ? redactPatterns(redacted, SECRET_PATTERNS) : redacted
}

/** @param patterns global ones */
export function redactPatterns (text: string, patterns: readonly RegExp[]): string {
  let redacted = text
  for (const pattern of patterns) redacted = redacted.replace(pattern, REDACTED)
  return redacted
}

function redactUrls (text: string): string {
  return text.replace(URLS, url => redactUrl(url.replace(USER_INFO, redactUser), QUERY_KEYS))
}

/** As the conventions for `url.full` write it. */
function redactUser (_match: string, scheme: string, user: string): string {
  return user.includes(':') ? `${scheme}${REDACTED}:${REDACTED}@` : `${scheme}${REDACTED}@`
}
