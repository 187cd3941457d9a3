/** So that a problem that never says the same twice cannot fill the memory. */
const REMEMBERED_MAX = 100

/** The same problem is told no more often than this, however often it comes and goes. */
const REPEATED_AFTER_MS = 60_000

interface Told {
  at: number
  /** Whose rows it was about; undefined where it may be about any. */
  readonly table: string | undefined
  isOver: boolean
}

/** Tells each problem of writing once, and again where it comes back after it was over. */
export class Problems {
  readonly #tell: (problem: string) => void
  readonly #now: () => number
  readonly #told = new Map<string, Told>()

  constructor (tell: (problem: string) => void, now = () => performance.now()) {
    this.#tell = tell
    this.#now = now
  }

  /** @param table whose rows it is about, where those of others may be well */
  tell (problem: string, table?: string): void {
    const told = this.#told.get(problem)
    const now = this.#now()
    if (told === undefined ? !this.#hasRoom(now) : !told.isOver || now - told.at < REPEATED_AFTER_MS) return
    this.#told.set(problem, { at: now, table, isOver: false })
    try {
      this.#tell(problem)
    } catch {
      // It is told from timers and background work, where nobody could catch what a listener throws.
    }
  }

  /** The engine took rows of a table. */
  over (table: string): void {
    for (const told of this.#told.values()) if (told.table === undefined || told.table === table) told.isOver = true
  }

  #hasRoom (now: number): boolean {
    for (const [problem, { at, isOver }] of this.#told) {
      if (this.#told.size < REMEMBERED_MAX) break
      if (isOver && now - at >= REPEATED_AFTER_MS) this.#told.delete(problem)
    }
    return this.#told.size < REMEMBERED_MAX
  }
}
