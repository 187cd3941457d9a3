import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { Exception } from './exception.ts'
import type { QueryRequest } from './query-request.ts'

interface Kept {
  readonly session: EmbeddedSession
  inUse: boolean
  expiry: NodeJS.Timeout | undefined
}

/** Sessions at most: each has memory of its own. */
const KEPT_MAX = 64

/**
 * Connections to the engine, one for each request: settings, parameters and temporary tables of one are unknown to all others. A
 * request with `session_id` finds what those before it with the same one left.
 */
export class Sessions {
  readonly #open: () => EmbeddedSession
  readonly #kept = new Map<string, Kept>()

  constructor (open: () => EmbeddedSession) {
    this.#open = open
  }

  async use<T> (wanted: QueryRequest['session'], work: (session: EmbeddedSession) => Promise<T>): Promise<T> {
    if (wanted === undefined) {
      const session = this.#open()
      try {
        return await work(session)
      } finally {
        session.close()
      }
    }
    const kept = this.#take(wanted)
    try {
      return await work(kept.session)
    } finally {
      kept.inUse = false
      kept.expiry = setTimeout(() => { this.#end(wanted.id) }, wanted.timeoutSeconds * 1_000).unref()
    }
  }

  #take ({ id, mustExist }: NonNullable<QueryRequest['session']>): Kept {
    let kept = this.#kept.get(id)
    if (kept?.inUse === true) throw Exception.of(373, 'SESSION_IS_LOCKED', `session ${JSON.stringify(id.slice(0, 100))} is used by another request`)
    if (kept === undefined) {
      if (mustExist) throw Exception.of(372, 'SESSION_NOT_FOUND', `session ${JSON.stringify(id.slice(0, 100))} is not there: it was never begun, or has ended`)
      if (this.#kept.size >= KEPT_MAX && !this.#endOldest()) throw Exception.of(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `${KEPT_MAX} sessions are in use`)
      kept = { session: this.#open(), inUse: true, expiry: undefined }
      this.#kept.set(id, kept)
    } else {
      // The map is in the order of use.
      this.#kept.delete(id)
      this.#kept.set(id, kept)
    }
    clearTimeout(kept.expiry)
    kept.inUse = true
    return kept
  }

  /** Ends the session that has rested longest: whoever opens many and asks for long times keeps nobody else out. */
  #endOldest (): boolean {
    for (const [id, { inUse }] of this.#kept) {
      if (inUse) continue
      this.#end(id)
      return true
    }
    return false
  }

  #end (id: string): void {
    const kept = this.#kept.get(id)
    if (kept === undefined) return
    clearTimeout(kept.expiry)
    kept.session.close()
    this.#kept.delete(id)
  }

  close (): void {
    for (const id of [...this.#kept.keys()]) this.#end(id)
  }
}
