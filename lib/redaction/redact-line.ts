import { redactUrl } from './redact-query.ts'

/** Where a logger puts its message and its error. */
export interface LineKeys {
  readonly messageKey: string
  readonly errorKey: string
}

type Fields = Record<string, unknown>

/**
 * Takes the values of secret query keys out of a log line: Fastify writes the URL of a request as the client sent it, in
 * `req.url` and in messages such as `Route GET:/a?token=… not found`.
 *
 * @param fields of the line; they are changed
 * @param secretKeys in lower case
 */
export function redactLine (fields: Fields, { messageKey, errorKey }: LineKeys, secretKeys: ReadonlySet<string>): void {
  redactField(fields, messageKey, secretKeys)
  const { req, [errorKey]: error } = fields
  if (isObject(req) && typeof req['url'] === 'string') req['url'] = redactUrl(req['url'], secretKeys)
  if (!isObject(error)) return
  redactField(error, 'message', secretKeys)
  redactField(error, 'stack', secretKeys)
}

/** URLs within text: a query has no spaces, so each word is one, or none. */
export function redactText (text: string, secretKeys: ReadonlySet<string>): string {
  if (!text.includes('?')) return text
  return text.split(/([ \t\r\n]+)/).map(word => word.includes('?') ? redactUrl(word, secretKeys) : word).join('')
}

function redactField (fields: Fields, name: string, secretKeys: ReadonlySet<string>): void {
  const text = fields[name]
  if (typeof text === 'string') fields[name] = redactText(text, secretKeys)
}

function isObject (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
