import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SpoolConditions } from './conditions.ts'
import { ownStart, pidSpace, processState } from './process-identity.ts'
import { ownerFile } from './segment-name.ts'

/**
 * A name for one spool of one process: pid, start of the process, pid space, random.
 * All of it is in the name and the owner file is empty, because an empty file can be made on a full disk.
 */
export async function newOwner (): Promise<string> {
  const [start, space] = await Promise.all([ownStart(), pidSpace()])
  return [process.pid, start, space, randomBytes(4).toString('hex')].join('_')
}

/** Whether the process of an owner runs; undefined where pids tell nothing: it is of another machine or container than `self`. */
export async function ownerRuns (owner: string, self: string): Promise<boolean | undefined> {
  const [pid, start, space] = owner.split('_')
  if (space !== self.split('_')[2]) return undefined
  const state = await processState(Number(pid))
  return state.running && (state.start === undefined || start === '0' || state.start === start)
}

/** Tells whether an owner still is there to deliver its own segments. */
export class Owners {
  readonly #directory: string
  readonly #self: string
  readonly #conditions: SpoolConditions
  /** What was last seen of owners that can only be judged by their sign of life. */
  readonly #seen = new Map<string, { readonly sign: number, readonly since: number }>()

  /** Of this look at the directory: asking about each of a hundred segments of one owner would be slow. */
  readonly #verdicts = new Map<string, Promise<boolean>>()

  constructor (directory: string, self: string, conditions: SpoolConditions) {
    this.#directory = directory
    this.#self = self
    this.#conditions = conditions
  }

  /** Judges everyone anew from here on. To be called before a directory is listed: an owner signs in before it writes. */
  forget (): void {
    this.#verdicts.clear()
  }

  /** An owner that cannot be judged lives: better a late delivery than one by two. */
  async lives (owner: string): Promise<boolean> {
    if (owner === this.#self) return true
    let verdict = this.#verdicts.get(owner)
    if (verdict === undefined) this.#verdicts.set(owner, verdict = this.#judge(owner))
    return await verdict
  }

  async #judge (owner: string): Promise<boolean> {
    let sign: number
    try {
      sign = (await stat(join(this.#directory, ownerFile(owner)))).mtimeMs
    } catch (problem) {
      return (problem as NodeJS.ErrnoException).code !== 'ENOENT'
    }
    // A thread of this process may have ended while the process runs.
    const runs = processOf(owner) === processOf(this.#self) ? undefined : await ownerRuns(owner, this.#self)
    return runs ?? this.#wasHeardOf(owner, sign)
  }

  /** Watched by a clock of our own that never jumps: the owner's clock, and the disk's, may be hours away. */
  #wasHeardOf (owner: string, sign: number): boolean {
    const now = this.#conditions.elapsed()
    const seen = this.#seen.get(owner)
    if (seen?.sign === sign) return now - seen.since < this.#conditions.silenceMs
    this.#seen.set(owner, { sign, since: now })
    return true
  }
}

/** The name without what tells apart the spools of one process. */
function processOf (owner: string): string {
  return owner.split('_').slice(0, 3).join('_')
}
