import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { newOwner, ownerRuns } from '../export/spool/owner.ts'

/** A file that is being made. Its name says what it will be and who makes it; that name is the lock: a rename succeeds for one alone. */
interface WorkFile {
  readonly name: string
  readonly subject: string
  readonly owner: string
}

const NAME = /^(.+)~([^~]+)\.partial$/
/** Left behind in good order, by a process that may still run. */
const NOBODY = 'nobody'
/** Of a process that cannot be looked at, after so long without a byte. */
const SILENCE_MS = 120_000

/** Files under way in a directory that several processes may share, on several machines. */
export class WorkFiles {
  readonly #directory: string
  readonly #owner: string

  private constructor (directory: string, owner: string) {
    this.#directory = directory
    this.#owner = owner
  }

  static async of (directory: string): Promise<WorkFiles> {
    return new WorkFiles(directory, await newOwner())
  }

  /** Where this process makes something, alone. */
  path (subject: string): string {
    return join(this.#directory, nameOf(subject, this.#owner))
  }

  /** Whether another process, or another part of this one, makes the same at this moment. */
  async isMadeElsewhere (subject: string): Promise<boolean> {
    for (const file of await this.#list()) {
      if (file.subject === subject && file.owner !== this.#owner && await this.#lives(file)) return true
    }
    return false
  }

  /** The file, empty or with what somebody who is gone has made of it. What else the dead have left is deleted. */
  async claim (subject: string): Promise<string> {
    const path = this.path(subject)
    let claimed = false
    for (const file of await this.#list()) {
      if (file.owner === this.#owner || await this.#lives(file)) continue
      if (file.subject === subject && !claimed) claimed = await moved(join(this.#directory, file.name), path)
      else await rm(join(this.#directory, file.name), { force: true })
    }
    if (!claimed) await (await open(path, 'wx', 0o600)).close()
    return path
  }

  /** Leaves a file to whoever claims it next. */
  async release (subject: string): Promise<void> {
    await moved(this.path(subject), join(this.#directory, nameOf(subject, NOBODY)))
  }

  async remove (subject: string): Promise<void> {
    await rm(this.path(subject), { force: true })
  }

  async #list (): Promise<WorkFile[]> {
    return (await readdir(this.#directory)).flatMap(name => {
      const [, subject, owner] = NAME.exec(name) ?? []
      return subject === undefined || owner === undefined ? [] : [{ name, subject, owner }]
    })
  }

  async #lives ({ name, owner }: WorkFile): Promise<boolean> {
    if (owner === NOBODY) return false
    const runs = await ownerRuns(owner, this.#owner)
    if (runs !== undefined) return runs
    const { mtimeMs } = await stat(join(this.#directory, name)).catch(() => ({ mtimeMs: 0 }))
    return Date.now() - mtimeMs < SILENCE_MS
  }
}

function nameOf (subject: string, owner: string): string {
  return `${subject}~${owner}.partial`
}

/** Whether it was there to be moved. */
async function moved (from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw problem
  }
}
