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
/** As the columns of times keep. */
const UINT64_MAX = 2n ** 64n - 1n
/** Jobs that are remembered: rows take a moment until they are found. */
const REMEMBERED_MAX = 10_000

export class StoredJobs implements Jobs {
  readonly #rows: Rows
  readonly #warn: (warning: string) => void
  /** By organization and id: anybody may choose an id, so one that another organization has says nothing. */
  readonly #known = new Set<string>()

  constructor (rows: Rows, warn: (warning: string) => void) {
    this.#rows = rows
    this.#warn = warn
  }

  create (actor: Actor, jobId = `${PREFIX}${crypto.randomUUID()}`): string {
    if (!this.#isJobId(jobId)) return jobId
    const organizationId = organizationOf(actor)
    if (organizationId === undefined) {
      this.#warn(`job ${shown(jobId)} was not created: the actor has no organization`)
      return jobId
    }
    const now = Date.now()
    try {
      this.#rows.write('jobs', { id: jobId, organization_id: organizationId, created_at: now, updated_at: now })
      this.#remember(organizationId, jobId)
    } catch {
      this.#warn(`job ${shown(jobId)} was not created: its row could not be written`)
    }
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
      const organizationId = organizationOf(actor)
      if (organizationId === undefined || !await this.#mayWrite(organizationId, jobId)) {
        return this.#warn(`${what} of job ${shown(jobId)} was not recorded: there is no such job in the actor's organization`)
      }
      this.#rows.write('jobs', { id: jobId, organization_id: organizationId, ...times(BigInt(nanoseconds)), updated_at: Date.now() })
    } catch {
      this.#warn(`${what} of job ${shown(jobId)} was not recorded: the job could not be looked up`)
    }
  }

  async #mayWrite (organizationId: string, jobId: string): Promise<boolean> {
    if (this.#known.has(keyOf(organizationId, jobId))) return true
    const found = await this.#rows.job(organizationId, jobId)
    if (found === undefined) return false
    this.#remember(organizationId, jobId)
    return true
  }

  #remember (organizationId: string, jobId: string): void {
    this.#known.add(keyOf(organizationId, jobId))
    if (this.#known.size <= REMEMBERED_MAX) return
    const [oldest = ''] = this.#known
    this.#known.delete(oldest)
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

function keyOf (organizationId: string, jobId: string): string {
  return JSON.stringify([organizationId, jobId])
}

/** @returns nothing where there is none, whatever was handed over as an actor */
function organizationOf (actor: Actor | null | undefined): string | undefined {
  const organizationId: unknown = actor?.organizationId
  return typeof organizationId === 'string' && organizationId !== '' ? organizationId : undefined
}

function isNanoseconds (value: unknown): boolean {
  return typeof value === 'bigint' ? value >= 0n && value <= UINT64_MAX : Number.isSafeInteger(value) && (value as number) >= 0
}
