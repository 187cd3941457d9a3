/** What stands in place of a value that is never kept. */
export const REDACTED = 'REDACTED'

/** Query keys whose values are never kept (semantic conventions, then common names of secrets); lower case. */
export const SECRET_QUERY_KEYS: readonly string[] = Object.freeze([
  'x-amz-signature', 'x-amz-credential', 'x-amz-security-token', 'awsaccesskeyid', 'signature', 'sig', 'x-goog-signature',
  'token', 'key', 'api_key', 'password', 'secret', 'code', 'access_token'
])

/** Body fields and headers that can never be captured, whatever an option says; lower case. */
export const SECRET_NAMES: readonly string[] = Object.freeze([
  'authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'api_key', 'apikey', 'api-key',
  'password', 'passwd', 'secret', 'client_secret', 'token', 'access_token', 'refresh_token', 'id_token', 'private_key',
  'credentials'
])
