import type { AmbientScope } from '../ambient/context-attributes.ts'
import { redactString, type RedactionRules } from '../redaction/redact-json.ts'

/** How work ended. */
export type WorkOutcome = 'ok' | 'error' | 'cancelled' | 'disconnected' | 'incomplete'

/** How work ended, and what was wrong. */
export interface WorkEnd {
  readonly outcome: WorkOutcome
  /** Of low cardinality; `''` where nothing was wrong. */
  readonly errorType: string
  readonly errorMessage: string
  /** What was thrown, if anything. */
  readonly error?: unknown
}

/** As a Letta server cuts them off. */
const ERROR_MESSAGE_MAX = 1_000
/** `error.type` of what took longer than it might, as the semantic conventions have it. */
const TYPE_TIMEOUT = 'timeout'
/** Ours, those of providers (`timeout_error`), of systems and fetch (`ETIMEDOUT`, `UND_ERR_HEADERS_TIMEOUT`), and statuses. */
const PROVIDER_TIMEOUT = /time_?d?_?out|^(?:408|504)$/i
/** A class or a code; anything else could be a message, with as many values as there are errors. */
const TYPE = /^[\w$.-]{1,100}$/

export const OK: WorkEnd = Object.freeze({ outcome: 'ok', errorType: '', errorMessage: '' })
export const INCOMPLETE: WorkEnd = Object.freeze({ outcome: 'incomplete', errorType: '', errorMessage: '' })

/** What can tell that work was cut off. */
export interface Interruption {
  readonly signal: AbortSignal | undefined
  /** The request that the work is done for, if any. */
  readonly scope: AmbientScope | undefined
}

/**
 * The end of work that was thrown out of. A client that went away and a signal that was aborted explain the rest: what is
 * thrown then only says so. A time limit is none of anybody's wishes, and so an error.
 */
export function thrownEnd (error: unknown, interruption: Interruption): WorkEnd {
  const aborted = interruption.signal?.aborted === true
  if (isTimeout(error) || (aborted && isTimeout(interruption.signal.reason))) return { ...timeoutEnd(interruption, error), error }
  const outcome = aborted || isAbort(error) ? interruptedOutcome(interruption) : 'error'
  return { outcome, errorType: typeOfError(error), errorMessage: messageOfError(error), error }
}

/** The end of work that nobody ended. */
export function abandonedEnd (interruption: Interruption): WorkEnd {
  const { signal, scope } = interruption
  if (signal?.aborted === true && isTimeout(signal.reason)) return timeoutEnd(interruption, signal.reason)
  if (signal?.aborted === true) return { outcome: interruptedOutcome(interruption), errorType: typeOfError(signal.reason), errorMessage: messageOfError(signal.reason) }
  return { outcome: scope?.client?.disconnected === true ? 'disconnected' : 'incomplete', errorType: '', errorMessage: '' }
}

/**
 * The end of work that returned normally, where its last part was cut off: by a client that went away, or by a signal that
 * was the work's too. Work that gave up a part of its own accord, as the slower of two calls, was not cut off with it.
 */
export function cutOffEnd (last: WorkEnd | undefined, { signal }: Interruption): WorkEnd | undefined {
  return last?.outcome === 'disconnected' || (last?.outcome === 'cancelled' && signal?.aborted === true) ? last : undefined
}

/** Whether work ended because a provider took too long: that it, a client, a connection or a gateway said so. */
export function isTimedOut ({ outcome, errorType }: WorkEnd): boolean {
  return outcome === 'error' && PROVIDER_TIMEOUT.test(errorType)
}

/** Work that took longer than it might. @param error what says so */
export function timeoutEnd ({ scope }: Interruption, error: unknown): WorkEnd {
  return { outcome: scope?.client?.disconnected === true ? 'disconnected' : 'error', errorType: TYPE_TIMEOUT, errorMessage: messageOfError(error) }
}

function interruptedOutcome ({ scope }: Interruption): WorkOutcome {
  return scope?.client?.disconnected === true ? 'disconnected' : 'cancelled'
}

/** `AbortError` of the platform and of provider clients (`APIUserAbortError`). Never throws. */
export function isAbort (error: unknown): boolean {
  try {
    return error instanceof Error && (error.name === 'AbortError' || error.constructor.name.endsWith('AbortError'))
  } catch {
    return false
  }
}

/** As `AbortSignal.timeout()` gives it, or a provider's client throws it (`APIConnectionTimeoutError`). Never throws. */
function isTimeout (error: unknown): boolean {
  try {
    return error instanceof Error && (error.name === 'TimeoutError' || error.constructor.name.endsWith('TimeoutError'))
  } catch {
    return false
  }
}

/** The code of a system's error, which fetch hides in its cause; else the class of what was thrown. Never throws. */
export function typeOfError (error: unknown): string {
  if (!(error instanceof Error)) return error === undefined ? '' : typeof error
  try {
    const { name, cause } = error
    const code = cause instanceof Error ? (cause as { code?: unknown }).code : undefined
    const type = typeof code === 'string' ? code : name === 'Error' ? error.constructor.name : name
    return TYPE.test(type) ? type : 'Error'
  } catch {
    return 'Error'
  }
}

export function messageOfError (error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : typeof error === 'string' ? error : ''
  } catch {
    return ''
  }
}

/** What a provider names an error, where that can be told from a message. */
export function typeFromProvider (type: string, otherwise: string): string {
  return TYPE.test(type) ? type : otherwise
}

/** Text of an error as it is kept: a provider's message may quote the key that it refuses. */
export function keptMessage (message: string, rules: RedactionRules, max = ERROR_MESSAGE_MAX): string {
  return redactString(message.slice(0, 2 * max), rules).slice(0, max)
}
