import { isPlainPath, redactUrl } from './redact-query.ts'
import { mayNameUser, redactUserInfo } from './redact-user-info.ts'

/** Where a logger puts its message and its error. */
export interface LineKeys {
  readonly messageKey: string
  readonly errorKey: string
}

type Fields = Record<string, unknown>

/**
 * Takes the values of secret query keys, and users with their passwords, out of the URLs of a log line: Fastify writes the URL
 * of a request as the client sent it, which may be a whole one, in `req.url` and in messages such as
 * `Route GET:/a?token=… not found`.
 *
 * @param fields of the line; they are changed
 * @param secretKeys in lower case
 */
export function redactLine (fields: Fields, { messageKey, errorKey }: LineKeys, secretKeys: ReadonlySet<string>): void {
  redactField(fields, messageKey, secretKeys)
  const { req, [errorKey]: error } = fields
  if (isObject(req) && typeof req['url'] === 'string') req['url'] = redactUrl(redactUserInfo(req['url']), secretKeys)
  redactErrors(error, secretKeys)
}

/** An error, and those that pino writes within it. */
function redactErrors (error: unknown, secretKeys: ReadonlySet<string>): void {
  const errors = [error]
  for (const each of errors) {
    if (!isObject(each)) continue
    redactField(each, 'message', secretKeys)
    redactField(each, 'stack', secretKeys)
    errors.push(each['cause'])
    // One by one: as arguments, many would not fit.
    if (Array.isArray(each['aggregateErrors'])) for (const inner of each['aggregateErrors']) errors.push(inner)
  }
}

/** URLs within text: a query has no spaces, so each word is one, or none. */
export function redactText (text: string, secretKeys: ReadonlySet<string>): string {
  if (isPlainPath(text)) return redactUserInfo(text)
  return text.split(/([ \t\r\n]+)/).map(word => isPlainPath(word) && !mayNameUser(word) ? word : redactUrl(redactUserInfo(word), secretKeys)).join('')
}

function redactField (fields: Fields, name: string, secretKeys: ReadonlySet<string>): void {
  const text = fields[name]
  if (typeof text === 'string') fields[name] = redactText(text, secretKeys)
}

function isObject (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
