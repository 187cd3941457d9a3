import type { Run, Step } from 'letta-otel'

/**
 * A generator that is the work of a run or a step: what it does between two values belongs to it. The work ends as the
 * generator does, also when its reader leaves.
 */
export async function * workOf<Value, Result> (work: Run | Step, values: AsyncGenerator<Value, Result>): AsyncGenerator<Value, Result> {
  try {
    for (;;) {
      const next = await work.within(async () => await values.next())
      if (next.done === true) {
        work.end()
        return next.value
      }
      yield next.value
    }
  } catch (problem) {
    work.end({ error: problem })
    throw problem
  } finally {
    await values.return(undefined as Result)
    // Only what is still open was left.
    work[Symbol.dispose]()
  }
}
