import { redactText } from '../redaction/redact-text.ts'
import { dataProperty, typeName } from './describe-value.ts'

/** Characters kept of a message and of a stack. Both may quote what a client sent. */
const MESSAGE_MAX = 4_096
const STACK_MAX = 16_384

/** What was thrown, in plain texts of bounded length and without secrets: a provider's message may quote the key that it refuses. */
export interface Failure {
  /** The error's class, or what `typeof` says of something else. */
  readonly type: string
  readonly message: string
  readonly stack: string
}

/** Never throws, whatever was thrown. */
export function failureOf (thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { type: typeName(thrown), message: typeof thrown === 'string' ? kept(thrown, MESSAGE_MAX) : '', stack: '' }
  const name = textOf(thrown, 'name')
  return {
    type: name === 'Error' || name === '' ? typeName(thrown) : name.slice(0, MESSAGE_MAX),
    message: kept(textOf(thrown, 'message'), MESSAGE_MAX),
    stack: kept(textOf(thrown, 'stack'), STACK_MAX)
  }
}

/** An error's own text; a `DOMException` has getters for them. */
function textOf (error: Error, property: 'name' | 'message' | 'stack'): string {
  try {
    const value: unknown = error[property]
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}

/** A secret that stands across the limit is seen whole. */
function kept (text: string, max: number): string {
  return redactText(text.slice(0, 2 * max)).slice(0, max)
}

/**
 * Whether a call ended because it was told to: by an `AbortError`, of the platform or a class of a provider's client
 * (`APIUserAbortError`), or with the reason of a signal among its arguments.
 */
export function isCancellation (thrown: unknown, args: readonly unknown[]): boolean {
  return (thrown instanceof Error && (textOf(thrown, 'name') === 'AbortError' || typeName(thrown).endsWith('AbortError'))) ||
    args.some(argument => isReasonOf(argument, thrown) || isReasonOf(signalOf(argument), thrown))
}

function signalOf (argument: unknown): unknown {
  return typeof argument === 'object' && argument !== null ? dataProperty(argument, 'signal') : undefined
}

function isReasonOf (signal: unknown, thrown: unknown): boolean {
  return signal instanceof AbortSignal && signal.aborted && signal.reason === thrown
}
