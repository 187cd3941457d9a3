import { randomUUID } from 'node:crypto'
import { getTraceId } from 'letta-otel'
import { JOB_NOT_FOUND, SERVER_CLOSING, TOO_MANY_JOBS } from './errors.ts'

/** Work in the background, as the API shows it. */
export interface Job<Result> {
  readonly id: string
  status: 'running' | 'completed' | 'failed' | 'cancelled'
  readonly created_at: string
  /** The trace of the request that started it. */
  readonly trace_id: string | null
  completed_at: string | null
  result: Result | null
  error: string | null
}

const RUNNING_MAX = 100
const FINISHED_MAX = 1_000

/** The jobs of this process; the oldest that are finished are forgotten. */
export class Jobs<Result> {
  readonly #signal: AbortSignal
  readonly #jobs = new Map<string, Job<Result>>()
  readonly #running = new Set<Promise<void>>()
  #closing = false

  /** @param signal cancels the jobs that run */
  constructor (signal: AbortSignal) {
    this.#signal = signal
  }

  /**
   * Starts a job and returns at once.
   *
   * @throws {TOO_MANY_JOBS} 100 are running
   * @throws {SERVER_CLOSING}
   */
  start (work: (job: Job<Result>) => Promise<Result>): Job<Result> {
    if (this.#closing) throw new SERVER_CLOSING()
    if (this.#running.size >= RUNNING_MAX) throw new TOO_MANY_JOBS()
    const job: Job<Result> = {
      id: `job-${randomUUID()}`,
      status: 'running',
      created_at: new Date().toISOString(),
      trace_id: getTraceId() ?? null,
      completed_at: null,
      result: null,
      error: null
    }
    this.#jobs.set(job.id, job)
    const running = this.#run(job, work).finally(() => {
      this.#running.delete(running)
      this.#forgetOldest()
    })
    this.#running.add(running)
    return job
  }

  /** @throws {JOB_NOT_FOUND} */
  get (id: string): Job<Result> {
    const job = this.#jobs.get(id)
    if (job === undefined) throw new JOB_NOT_FOUND(id)
    return job
  }

  /** Takes no further jobs and resolves when none is running any more. */
  async close (): Promise<void> {
    this.#closing = true
    await Promise.all(this.#running)
  }

  async #run (job: Job<Result>, work: (job: Job<Result>) => Promise<Result>): Promise<void> {
    try {
      job.result = await work(job)
      job.status = 'completed'
    } catch (problem) {
      job.status = this.#signal.aborted ? 'cancelled' : 'failed'
      job.error = problem instanceof Error ? problem.message : String(problem)
    }
    job.completed_at = new Date().toISOString()
  }

  #forgetOldest (): void {
    if (this.#jobs.size - this.#running.size <= FINISHED_MAX) return
    for (const [id, { status }] of this.#jobs) {
      if (status !== 'running') {
        this.#jobs.delete(id)
        return
      }
    }
  }
}
