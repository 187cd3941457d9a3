import type { Exception } from '@opentelemetry/api'
import { errorTypeOf } from './error-type.ts'

/**
 * Characters kept of an exception's message and stack. Both may quote what a client sent, as a parser's errors do, and
 * many of them are kept at a time.
 */
const MESSAGE_MAX = 4_096
const STACK_MAX = 16_384

/** An exception as it is recorded: plain texts of bounded length, whatever its properties do. */
export function recordedException (error: Error): Exception {
  return { name: errorTypeOf(error), message: text(error, 'message', MESSAGE_MAX), stack: text(error, 'stack', STACK_MAX) }
}

function text (error: Error, property: 'message' | 'stack', max: number): string {
  try {
    const value: unknown = error[property]
    return typeof value === 'string' ? value.slice(0, max) : ''
  } catch {
    return ''
  }
}
