import t from 'tap'
import { Jobs } from '../../example-server/server/jobs.ts'

const never = async (signal: AbortSignal): Promise<never> => await new Promise((_resolve, reject) => {
  signal.addEventListener('abort', () => { reject(signal.reason) })
})

t.test('closing waits for the jobs that run', async t => {
  const jobs = new Jobs<string>(new AbortController().signal)
  const { promise, resolve } = Promise.withResolvers<string>()
  const job = jobs.start(async () => await promise)
  t.match(job, { status: 'running', result: null, completed_at: null })
  const closed = jobs.close()
  t.throws(() => jobs.start(async () => ''), { code: 'SERVER_CLOSING', statusCode: 503 })
  resolve('done')
  await closed
  t.match(jobs.get(job.id), { status: 'completed', result: 'done', error: null, completed_at: String })
})

t.test('a job that is cancelled is marked so', async t => {
  const cancelling = new AbortController()
  const jobs = new Jobs<string>(cancelling.signal)
  const job = jobs.start(async () => await never(cancelling.signal))
  cancelling.abort(new Error('closing'))
  await jobs.close()
  t.match(job, { status: 'cancelled', result: null, error: 'closing' })
})

t.test('a job that fails is marked so', async t => {
  const jobs = new Jobs<string>(new AbortController().signal)
  const job = jobs.start(async () => { throw new Error('no') })
  await jobs.close()
  t.match(job, { status: 'failed', error: 'no' })
})

t.test('a hundred at once, and a thousand are remembered', async t => {
  const cancelling = new AbortController()
  const busy = new Jobs<string>(cancelling.signal)
  for (let count = 0; count < 100; count++) busy.start(async () => await never(cancelling.signal))
  t.throws(() => busy.start(async () => ''), { code: 'TOO_MANY_JOBS', statusCode: 429 })
  cancelling.abort()
  await busy.close()

  const jobs = new Jobs<number>(new AbortController().signal)
  const ids: string[] = []
  for (let count = 0; count < 1_002; count++) {
    const ended = Promise.withResolvers<void>()
    ids.push(jobs.start(async () => { ended.resolve(); return count }).id)
    await ended.promise
    await new Promise(resolve => { setImmediate(resolve) })
  }
  t.throws(() => jobs.get(ids[0] as string), { code: 'JOB_NOT_FOUND' })
  t.throws(() => jobs.get(ids[1] as string), { code: 'JOB_NOT_FOUND' })
  t.equal(jobs.get(ids[2] as string).status, 'completed')
})
