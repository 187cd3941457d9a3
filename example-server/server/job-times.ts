import type { Jobs } from 'letta-otel'

/** Hands on what happens in a job, and records when the first of it did, and when it was over. Jobs are kept by organization. */
export async function * withJobTimes<Value, Result> (jobs: Jobs, jobId: string, organizationId: string | undefined, values: AsyncGenerator<Value, Result>): AsyncGenerator<Value, Result> {
  if (organizationId === undefined) return yield * values
  const actor = { organizationId }
  const start = process.hrtime.bigint()
  const elapsed = (): bigint => process.hrtime.bigint() - start
  jobs.create(actor, jobId)
  try {
    let next = await values.next()
    await jobs.recordTtft(jobId, elapsed(), actor)
    for (; next.done !== true; next = await values.next()) yield next.value
    return next.value
  } finally {
    await jobs.recordResponseDuration(jobId, elapsed(), actor)
  }
}
