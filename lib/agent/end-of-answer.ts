import type { LlmCallWork } from './llm-call.ts'
import { OK, abandonedEnd, thrownEnd, typeFromProvider, type WorkEnd } from './outcome.ts'

/**
 * How an answer ended that was read to its end, or that nobody reads any more.
 *
 * @param isWhole whether this is all there was to come, as far as its shape tells
 */
export function endOfAnswer (call: LlmCallWork, isWhole: boolean, errorType = 'error'): WorkEnd {
  const { error, complete } = call.progress
  if (error !== undefined) return { outcome: 'error', errorType: typeFromProvider(error.type, errorType), errorMessage: error.message }
  if (complete) return OK
  return isWhole && call.signal?.aborted !== true ? OK : abandonedEnd(call)
}

/** How an answer ended that could not be had, or not to its end. */
export function endOfFailure (call: LlmCallWork, error: unknown): WorkEnd {
  // What a provider said before it closed the connection is more exact than that it did.
  return call.progress.error === undefined ? thrownEnd(error, call) : { ...endOfAnswer(call, false), error }
}
