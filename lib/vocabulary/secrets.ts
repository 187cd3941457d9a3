/** What stands in place of a value that is never kept. */
export const REDACTED = 'REDACTED'

/** Query keys whose values are never kept (semantic conventions, then common names of secrets); lower case. */
export const SECRET_QUERY_KEYS: readonly string[] = Object.freeze([
  'x-amz-signature', 'x-amz-credential', 'x-amz-security-token', 'awsaccesskeyid', 'signature', 'sig', 'x-goog-signature',
  'token', 'key', 'api_key', 'apikey', 'password', 'secret', 'code', 'access_token', 'refresh_token', 'id_token', 'client_secret'
])

/**
 * Ends of the names of body fields and headers that can never be captured, whatever an option says; lower case, without
 * `_` and `-`: `x-api-key`, `openai_api_key` and `apiKey` all end in `apikey`. Their plurals are as secret; see {@link isSecret}.
 */
export const SECRET_NAME_ENDINGS: readonly string[] = Object.freeze([
  'authorization', 'auth', 'cookie', 'apikey', 'password', 'passwd', 'pwd', 'passphrase', 'passcode', 'secret', 'secretkey', 'accesskey', 'token',
  'privatekey', 'credential'
])

/** Private keys, of any number of lines. */
export const PRIVATE_KEYS = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?/g

/**
 * Texts that are secrets by their form, wherever they stand: keys of model providers, GitHub, GitLab, Slack, AWS and
 * Google, JSON Web Tokens, bearer credentials, private keys. Each takes time in proportion to the text.
 */
export const SECRET_PATTERNS: readonly RegExp[] = Object.freeze([
  /\bsk-[\w-]{16,}/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-)\w{20,}/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /(?<![\w-])eyJ[\w-]{8,400}\.eyJ[\w-]{8,4000}\.[\w-]{8,}/g,
  /\b(?:Bearer|Basic) +[\w.~+/-]{16,}=*/gi,
  PRIVATE_KEYS
])

/** Longer than any of the endings, with room for what stands between its letters. */
const ENDING_MAX_LENGTH = 64

/** Endings by the code of their last letter: most names end in none of these. */
const ENDINGS_BY_LAST_LETTER: ReadonlyMap<number, readonly string[]> = new Map(
  [...Map.groupBy(SECRET_NAME_ENDINGS, ending => ending.charCodeAt(ending.length - 1))])

/** Whether every value with this name is one that is never recorded. */
export function namesSecret (name: string): boolean {
  return endsAsSecret(name, lastLetter(name))
}

/**
 * Whether a value is one that is never recorded, by its name. Flags and what is absent tell nothing, and the number of
 * something in the plural is only how many there are: `max_tokens`.
 */
export function isSecret (name: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return false
  const last = lastLetter(name)
  if (endsAsSecret(name, last)) return true
  return (name.charCodeAt(last) | LOWER_CASE) === LETTER_S && typeof value !== 'number' && typeof value !== 'bigint' && endsAsSecret(name, last - 1)
}

/** @param last position of the last letter of what is looked at */
function endsAsSecret (name: string, last: number): boolean {
  const endings = ENDINGS_BY_LAST_LETTER.get(name.charCodeAt(last) | LOWER_CASE)
  if (endings === undefined) return false
  const plain = name.slice(Math.max(last + 1 - ENDING_MAX_LENGTH, 0), last + 1).toLowerCase().replaceAll('_', '').replaceAll('-', '')
  for (const ending of endings) if (plain.endsWith(ending)) return true
  return false
}

function lastLetter (name: string): number {
  let last = name.length - 1
  while (isSeparator(name.charCodeAt(last))) last--
  return last
}

/** Makes the code of a letter that of its lower case. */
const LOWER_CASE = 0x20
const LETTER_S = 0x73

// '_', '-'
function isSeparator (code: number): boolean {
  return code === 95 || code === 45
}
