import type { Rows } from './agent-settings.ts'

/** On whose behalf something is read or written. */
export interface Actor {
  /** Organizations keep their data apart: an actor finds and changes that of its own only. */
  readonly organizationId: string
  readonly id?: string
}

/** Times of jobs. What is asked of a job that is missing, or another organization's, is a warning in the log: nothing throws. */
export interface Jobs {
  /**
   * Makes a job known, so that times can be recorded of it.
   *
   * @param jobId `job-<…>`
   * @returns the job's id
   */
  create (actor: Actor, jobId?: string): string
  /** @param ttftNs nanoseconds from the start of the job to its first token */
  recordTtft (jobId: string, ttftNs: number | bigint, actor: Actor): Promise<void>
  /** @param totalDurationNs nanoseconds from the start of the job to its end */
  recordResponseDuration (jobId: string, totalDurationNs: number | bigint, actor: Actor): Promise<void>
}

type Times = { readonly ttft_ns: bigint } | { readonly total_duration_ns: bigint }

const PREFIX = 'job-'
/** Jobs whose organization is remembered: rows take a moment until they are found. */
const REMEMBERED_MAX = 10_000

export class StoredJobs implements Jobs {
  readonly #rows: Rows
  readonly #warn: (warning: string) => void
  readonly #organizations = new Map<string, string>()

  constructor (rows: Rows, warn: (warning: string) => void) {
    this.#rows = rows
    this.#warn = warn
  }

  create ({ organizationId }: Actor, jobId = `${PREFIX}${crypto.randomUUID()}`): string {
    const known = this.#organizations.get(jobId)
    if (!this.#isJobId(jobId)) return jobId
    if (known !== undefined && known !== organizationId) {
      this.#warn(`job ${shown(jobId)} was not created: it is another organization's`)
      return jobId
    }
    this.#remember(jobId, organizationId)
    const now = Date.now()
    this.#rows.write('jobs', { id: jobId, organization_id: organizationId, created_at: now, updated_at: now })
    return jobId
  }

  async recordTtft (jobId: string, ttftNs: number | bigint, actor: Actor): Promise<void> {
    await this.#record(jobId, actor, 'time to first token', ttftNs, value => ({ ttft_ns: value }))
  }

  async recordResponseDuration (jobId: string, totalDurationNs: number | bigint, actor: Actor): Promise<void> {
    await this.#record(jobId, actor, 'response duration', totalDurationNs, value => ({ total_duration_ns: value }))
  }

  async #record (jobId: string, actor: Actor, what: string, nanoseconds: number | bigint, times: (nanoseconds: bigint) => Times): Promise<void> {
    try {
      if (!this.#isJobId(jobId)) return
      if (!isNanoseconds(nanoseconds)) return this.#warn(`${what} of job ${shown(jobId)} was not recorded: it is no whole number of nanoseconds`)
      if (!await this.#mayWrite(jobId, actor.organizationId)) {
        return this.#warn(`${what} of job ${shown(jobId)} was not recorded: there is no such job in the actor's organization`)
      }
      this.#rows.write('jobs', { id: jobId, organization_id: actor.organizationId, ...times(BigInt(nanoseconds)), updated_at: Date.now() })
    } catch {
      this.#warn(`${what} of job ${shown(jobId)} was not recorded: the job could not be looked up`)
    }
  }

  async #mayWrite (jobId: string, organizationId: string): Promise<boolean> {
    if (typeof organizationId !== 'string' || organizationId === '') return false
    const known = this.#organizations.get(jobId)
    if (known !== undefined) return known === organizationId
    const found = await this.#rows.job(organizationId, jobId)
    if (found === undefined) return false
    this.#remember(jobId, organizationId)
    return true
  }

  #remember (jobId: string, organizationId: string): void {
    this.#organizations.set(jobId, organizationId)
    if (this.#organizations.size <= REMEMBERED_MAX) return
    const [oldest = ''] = this.#organizations.keys()
    this.#organizations.delete(oldest)
  }

  #isJobId (jobId: unknown): boolean {
    if (typeof jobId === 'string' && jobId.startsWith(PREFIX) && jobId.length > PREFIX.length) return true
    this.#warn(`nothing was recorded of job ${shown(jobId)}: ids of jobs begin with "${PREFIX}"`)
    return false
  }
}

/** Where no store is configured. */
export const NO_JOBS: Jobs = Object.freeze({
  create: (_actor: Actor, jobId = `${PREFIX}${crypto.randomUUID()}`) => jobId,
  async recordTtft () {},
  async recordResponseDuration () {}
})

/** Short, and on one line: somebody may have taken it from a request. */
function shown (jobId: unknown): string {
  return JSON.stringify(String(jobId).slice(0, 100))
}

function isNanoseconds (value: unknown): boolean {
  return typeof value === 'bigint' ? value >= 0n : Number.isSafeInteger(value) && (value as number) >= 0
}
