/** What one attempt came to. */
export type SendOutcome =
  /** The endpoint took it, all but `rejected` of its entries. `isRead` is false where it answered before it had the whole body. */
  | { readonly result: 'accepted', readonly rejected: number, readonly isRead?: boolean, readonly problem?: string }
  /** It will never take it; where `isTooLarge`, it may take parts of it. */
  | { readonly result: 'rejected', readonly isTooLarge?: boolean, readonly problem?: string }
  /** It may take it later, as it says not before `afterMs`. */
  | { readonly result: 'retryable', readonly afterMs?: number | undefined, readonly problem: string }
  /** The attempt was given up from here. */
  | { readonly result: 'aborted' }

/** The only statuses after which OTLP lets a client try again. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** An endpoint may ask for patience, but not for so much that nothing is ever tried again. */
const RETRY_AFTER_MAX_MS = 5 * 60_000

const GROWTH = 2
/** Share by which a delay varies, so that many processes do not come back at the same moment. */
const JITTER = 0.2

export function isRetryable (status: number): boolean {
  return RETRYABLE_STATUSES.has(status)
}

/** Milliseconds that a `Retry-After` header asks for, in seconds or as a date; nothing when it is neither. */
export function retryAfterMs (header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const seconds = Number(header)
  const milliseconds = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1_000
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), RETRY_AFTER_MAX_MS)
}

/**
 * Milliseconds to wait before the next attempt.
 *
 * @param failures attempts that failed one after the other, at least 1
 * @param random from 0 to 1
 */
export function backoffMs (failures: number, { firstMs, maxMs }: { firstMs: number, maxMs: number }, random = Math.random()): number {
  const delay = Math.min(firstMs * GROWTH ** (failures - 1), maxMs)
  return delay * (1 - JITTER + 2 * JITTER * random)
}

/** Whether there is nothing more to try. */
export function isFinal<Outcome extends { readonly result: string }> (outcome: Outcome): outcome is Extract<Outcome, { result: 'accepted' | 'rejected' }> {
  return outcome.result === 'accepted' || outcome.result === 'rejected'
}
