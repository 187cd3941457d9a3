import type { FastifyBaseLogger } from 'fastify'
import { setTimeout as pause } from 'node:timers/promises'
import { MODEL_FAILED } from './errors.ts'

/** What a call may need: a way to stop it, and a place to say that it is tried again. */
export interface CallOptions {
  readonly signal: AbortSignal
  readonly log: Pick<FastifyBaseLogger, 'warn'>
}

const ATTEMPTS_MAX = 3
const FIRST_PAUSE_MS = 200
/** A provider that wants a longer pause gets none: somebody waits for the answer. */
const PAUSE_MAX_MS = 5_000
/** Too many requests, and faults that may pass. */
const WORTH_ANOTHER_TRY: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const ERROR_TEXT_MAX_LENGTH = 200

/**
 * Sends a request until it is answered with success, three times at most.
 *
 * @throws {MODEL_FAILED} no attempt succeeded, or another would not help
 */
export async function requestWithRetry (send: () => Promise<Response>, { signal, log }: CallOptions): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const failure = await failureOf(send, signal)
    if (failure instanceof Response) return failure
    if (attempt === ATTEMPTS_MAX || !failure.retry || failure.pauseMs > PAUSE_MAX_MS) throw new MODEL_FAILED(failure.reason)
    const pauseMs = Math.max(failure.pauseMs, FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()))
    log.warn({ attempt, reason: failure.reason, pause_ms: Math.round(pauseMs) }, 'model call failed, trying again')
    // The timer's own error would hide why it ends.
    await pause(pauseMs, undefined, { signal }).catch(() => { signal.throwIfAborted() })
  }
}

interface Failure {
  readonly reason: string
  readonly retry: boolean
  /** What the provider asks for. */
  readonly pauseMs: number
}

async function failureOf (send: () => Promise<Response>, signal: AbortSignal): Promise<Response | Failure> {
  try {
    const response = await send()
    if (response.ok) return response
    const text = (await response.text()).slice(0, ERROR_TEXT_MAX_LENGTH)
    return {
      reason: `status ${response.status} ${text}`.trim(),
      retry: WORTH_ANOTHER_TRY.has(response.status),
      pauseMs: (Number(response.headers.get('retry-after')) || 0) * 1_000
    }
  } catch (problem) {
    signal.throwIfAborted()
    // Whoever waits for the answer has waited long enough.
    const tookTooLong = (problem as Error).name === 'TimeoutError'
    return { reason: describeFetchError(problem), retry: !tookTooLong, pauseMs: 0 }
  }
}

/** `fetch` says "fetch failed" and keeps the reason to itself as the cause. */
export function describeFetchError (problem: unknown): string {
  const { message = String(problem), cause } = problem as { message?: string, cause?: { message?: string, code?: string } }
  return cause?.code ?? cause?.message ?? message
}
