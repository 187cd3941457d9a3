/** What stands in place of a value that is never kept. */
export const REDACTED = 'REDACTED'

/** Query keys whose values are never kept (semantic conventions, then common names of secrets); lower case. */
export const SECRET_QUERY_KEYS: readonly string[] = Object.freeze([
  'x-amz-signature', 'x-amz-credential', 'x-amz-security-token', 'awsaccesskeyid', 'signature', 'sig', 'x-goog-signature',
  'token', 'key', 'api_key', 'apikey', 'password', 'secret', 'code', 'access_token', 'refresh_token', 'id_token', 'client_secret'
])

/**
 * Ends of the names of body fields and headers that can never be captured, whatever an option says; lower case, without
 * `_` and `-`: `x-api-key`, `openai_api_key` and `apiKey` all end in `apikey`.
 */
export const SECRET_NAME_ENDINGS: readonly string[] = Object.freeze([
  'authorization', 'cookie', 'apikey', 'password', 'passwd', 'passphrase', 'secret', 'secretkey', 'token', 'privatekey',
  'credential', 'credentials'
])

/** Longer than any of the endings, with room for what stands between its letters. */
const ENDING_MAX_LENGTH = 64

/** Whether a value with this name is one that is never recorded. */
export function namesSecret (name: string): boolean {
  const plain = name.slice(-ENDING_MAX_LENGTH).toLowerCase().replace(/[_-]/g, '')
  return SECRET_NAME_ENDINGS.some(ending => plain.endsWith(ending))
}
