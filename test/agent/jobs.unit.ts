import t from 'tap'
import { NO_JOBS, StoredJobs } from '../../lib/agent/jobs.ts'
import { MemoryRows } from './memory-rows.ts'

const ACTOR = { organizationId: 'org-1', id: 'user-1' }

function start (rows = new MemoryRows()): { jobs: StoredJobs, rows: MemoryRows, warnings: string[] } {
  const warnings: string[] = []
  return { jobs: new StoredJobs(rows, warning => { warnings.push(warning) }), rows, warnings }
}

t.test('times are written onto the job\'s row, one by one', async t => {
  const { jobs, rows, warnings } = start()
  const id = jobs.create(ACTOR)
  t.match(id, /^job-[0-9a-f-]{36}$/)
  await jobs.recordTtft(id, 12_345, ACTOR)
  await jobs.recordResponseDuration(id, 2n ** 60n, ACTOR)
  t.match(rows.current('jobs'), [{ id, organization_id: 'org-1', ttft_ns: 12_345n, total_duration_ns: 2n ** 60n }])
  t.notOk('total_duration_ns' in rows.rows('jobs')[1]!, 'what is not said stays as it was')
  t.strictSame(warnings, [])
})

t.test('a job that another process made known', async t => {
  const rows = new MemoryRows()
  rows.write('jobs', { id: 'job-1', organization_id: 'org-1', updated_at: 1 })
  const { jobs, warnings } = start(rows)
  await jobs.recordTtft('job-1', 7, ACTOR)
  t.match(await rows.job('org-1', 'job-1'), { ttft_ns: 7n })
  t.strictSame(warnings, [])
})

t.test('missing, foreign or misnamed: a warning, no row, no exception', async t => {
  const { jobs, rows, warnings } = start()
  const id = jobs.create(ACTOR, 'job-1')
  const before = rows.written.length
  const foreign = { organizationId: 'org-2' }
  await jobs.recordTtft('job-2', 7, ACTOR)
  await jobs.recordTtft(id, 7, foreign)
  await jobs.recordResponseDuration(id, 7, { organizationId: '' })
  await jobs.recordResponseDuration('run-1', 7, ACTOR)
  await jobs.recordResponseDuration('job-', 7, ACTOR)
  await jobs.recordTtft(undefined as never, 7, ACTOR)
  await jobs.recordTtft(id, 1.5, ACTOR)
  await jobs.recordTtft(id, -1n, ACTOR)
  await jobs.recordTtft(id, 2n ** 64n, ACTOR)
  await jobs.recordTtft(id, 7, undefined as never)
  t.equal(jobs.create({ organizationId: '' }, 'job-3'), 'job-3')
  t.match(jobs.create(undefined as never), /^job-/)
  t.equal(rows.written.length, before)
  t.match(warnings.pop(), /^job "job-[0-9a-f-]{36}" was not created: the actor has no organization$/)
  t.strictSame(warnings, [
    'time to first token of job "job-2" was not recorded: there is no such job in the actor\'s organization',
    'time to first token of job "job-1" was not recorded: there is no such job in the actor\'s organization',
    'response duration of job "job-1" was not recorded: there is no such job in the actor\'s organization',
    'nothing was recorded of job "run-1": ids of jobs begin with "job-"',
    'nothing was recorded of job "job-": ids of jobs begin with "job-"',
    'nothing was recorded of job "undefined": ids of jobs begin with "job-"',
    'time to first token of job "job-1" was not recorded: it is no whole number of nanoseconds',
    'time to first token of job "job-1" was not recorded: it is no whole number of nanoseconds',
    'time to first token of job "job-1" was not recorded: it is no whole number of nanoseconds',
    'time to first token of job "job-1" was not recorded: there is no such job in the actor\'s organization',
    'job "job-3" was not created: the actor has no organization'
  ])
})

t.test('an id is one organization\'s as well as another\'s, and neither locks the other out', async t => {
  const rows = new MemoryRows()
  rows.write('jobs', { id: 'job-1', organization_id: 'org-1', updated_at: 1 })
  rows.job = async organization => organization === 'org-1' ? { id: 'job-1' } as never : undefined
  const { jobs, warnings } = start(rows)
  jobs.create({ organizationId: 'org-2' }, 'job-1')
  await jobs.recordTtft('job-1', 7, ACTOR)
  await jobs.recordTtft('job-1', 2n ** 64n - 1n, { organizationId: 'org-2' })
  t.match(rows.rows('jobs').slice(1), [
    { organization_id: 'org-2' }, { organization_id: 'org-1', ttft_ns: 7n }, { organization_id: 'org-2', ttft_ns: 2n ** 64n - 1n }
  ])
  t.strictSame(warnings, [])
})

t.test('a store that fails', async t => {
  const rows = new MemoryRows()
  rows.job = async () => { throw new Error('connection to user:pass@host') }
  const { jobs, warnings } = start(rows)
  await jobs.recordTtft('job-1', 7, ACTOR)
  rows.write = () => { throw new Error('connection to user:pass@host') }
  t.equal(jobs.create(ACTOR, 'job-2'), 'job-2')
  t.strictSame(warnings, [
    'time to first token of job "job-1" was not recorded: the job could not be looked up', 'job "job-2" was not created: its row could not be written'
  ])
})

t.test('without a store nothing happens', async t => {
  t.match(NO_JOBS.create(ACTOR), /^job-/)
  await NO_JOBS.recordTtft('x', 1, ACTOR)
  await NO_JOBS.recordResponseDuration('x', 1, ACTOR)
})
