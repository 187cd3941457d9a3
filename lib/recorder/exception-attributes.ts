import type { Attributes, Exception } from '@opentelemetry/api'
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE } from '../vocabulary/attributes.ts'

/** What the SDK records of an exception; nothing where it says neither what nor why. */
export function exceptionAttributes (exception: Exception): Attributes | undefined {
  if (typeof exception === 'string') return exception === '' ? undefined : { [ATTR_EXCEPTION_MESSAGE]: exception }
  if (!exception) return undefined
  const attributes: Attributes = {}
  const type = exception.code ? exception.code.toString() : exception.name
  if (type) attributes[ATTR_EXCEPTION_TYPE] = type
  if (exception.message) attributes[ATTR_EXCEPTION_MESSAGE] = exception.message
  if (exception.stack) attributes[ATTR_EXCEPTION_STACKTRACE] = exception.stack
  return type || exception.message ? attributes : undefined
}
