import { setTimeout as wait } from 'node:timers/promises'
import { LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED, withoutCredentials } from '../errors.ts'
import { backoffMs } from '../export/retry-policy.ts'
import type { Patience } from './patience.ts'
import { Refusal, Unready } from './release-client.ts'

const ELSEWHERE = 'In a closed network, name a mirror with --mirror or LETTA_OTELCOL_MIRROR, or a collector that is here with --binary'

/**
 * Tries until it works, for as long as that makes sense.
 *
 * @param progress a number that an attempt that was not in vain has made larger
 * @throws {LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED} and what the disk says
 */
export async function attempts<T> (
  url: URL, patience: Patience, attempt: (signal: AbortSignal) => Promise<T>, progress: () => Promise<number> = async () => 0
): Promise<T> {
  const signal = AbortSignal.timeout(patience.totalMs)
  for (let failures = 0; ;) {
    const before = await progress()
    try {
      return await attempt(signal)
    } catch (problem) {
      failures = await progress() > before ? 1 : failures + 1
      if (isOfTheDisk(problem)) throw problem
      if (problem instanceof Refusal || signal.aborted || failures >= patience.attempts) throw failed(url, problem, signal)
      const asked = problem instanceof Unready ? problem.afterMs : undefined
      const pause = Math.max(asked ?? 0, backoffMs(failures, { firstMs: patience.firstRetryMs, maxMs: patience.maxRetryMs }))
      await wait(pause, undefined, { signal }).catch(() => { throw failed(url, problem, signal) })
    }
  }
}

/** What no server and no connection can be blamed for. */
function isOfTheDisk (problem: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG'].includes((problem as NodeJS.ErrnoException).code ?? '')
}

function failed (url: URL, problem: unknown, signal: AbortSignal): Error {
  const reason = signal.aborted ? 'it took too long' : reasonOf(problem)
  const fix = problem instanceof Refusal && problem.status === 404 ? 'Check that the release, or the mirror, has this file' : ELSEWHERE
  return new LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED(withoutCredentials(url.href), reason, fix)
}

/** Where several addresses were tried, the error that holds theirs says nothing itself. */
function reasonOf (problem: unknown): string {
  const { message, code, errors } = problem as Error & { code?: string, errors?: Error[] }
  return message || errors?.[0]?.message || code || 'no reason was given'
}
