import { failure, type Finding } from './finding.ts'

/** What a check found, or that it found nothing in time, or that it failed where it should not. Never rejects. */
export async function inTime (work: Promise<Finding>, timeoutMs: number): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>()
  const timer = setTimeout(() => {
    resolve(failure(`no result within ${timeoutMs} ms`, 'look at what this check reads: it hangs'))
  }, timeoutMs)
  try {
    return await Promise.race([work, promise])
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    return failure(`the check itself failed: ${code ?? message.split('\n')[0]}`, 'report this to letta-otel with the line above')
  } finally {
    clearTimeout(timer)
  }
}
