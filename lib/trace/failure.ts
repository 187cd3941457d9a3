import { dataProperty, typeName } from './describe-value.ts'

/** Characters kept of a message and of a stack. Both may quote what a client sent. */
const MESSAGE_MAX = 4_096
const STACK_MAX = 16_384

/** What was thrown, in plain texts of bounded length. */
export interface Failure {
  /** The error's class, or what `typeof` says of something else. */
  readonly type: string
  readonly message: string
  readonly stack: string
}

/** Never throws, whatever was thrown. */
export function failureOf (thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { type: typeName(thrown), message: typeof thrown === 'string' ? thrown.slice(0, MESSAGE_MAX) : '', stack: '' }
  const name = textOf(thrown, 'name', MESSAGE_MAX)
  return {
    type: name === 'Error' || name === '' ? typeName(thrown) : name,
    message: textOf(thrown, 'message', MESSAGE_MAX),
    stack: textOf(thrown, 'stack', STACK_MAX)
  }
}

/** An error's own text; a `DOMException` has getters for them. */
function textOf (error: Error, property: 'name' | 'message' | 'stack', max: number): string {
  try {
    const value: unknown = error[property]
    return typeof value === 'string' ? value.slice(0, max) : ''
  } catch {
    return ''
  }
}

/** Whether a call ended because it was told to: by an `AbortError`, or with the reason of a signal among its arguments. */
export function isCancellation (thrown: unknown, args: readonly unknown[]): boolean {
  return (thrown instanceof Error && textOf(thrown, 'name', MESSAGE_MAX) === 'AbortError') ||
    args.some(argument => isReasonOf(argument, thrown) || isReasonOf(signalOf(argument), thrown))
}

function signalOf (argument: unknown): unknown {
  return typeof argument === 'object' && argument !== null ? dataProperty(argument, 'signal') : undefined
}

function isReasonOf (signal: unknown, thrown: unknown): boolean {
  return signal instanceof AbortSignal && signal.aborted && signal.reason === thrown
}
