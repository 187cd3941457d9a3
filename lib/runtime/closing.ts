import type { Store } from '../store/open-store.ts'
import type { RuntimeHold } from './shared-runtime.ts'

/** What is open of agents' work, and the rows of it. */
export interface ClosingAgents {
  /** Ends what is open, by what is known of it. */
  giveUp (): void
  /** Never rejects. */
  flush (): Promise<void>
}

/** The runtime, as far as closing needs it. */
interface ClosingHold extends Pick<RuntimeHold, 'release'> {
  readonly runtime: Pick<RuntimeHold['runtime'], 'flush'>
}

/** How the telemetry of an application ends: whatever it has of it, within one limit. */
export class Closing {
  readonly #hold: ClosingHold
  readonly #timeoutMs: number
  #agents: ClosingAgents | undefined
  #store: Pick<Store, 'close'> | undefined
  #patience: NodeJS.Timeout | undefined

  /** @param timeoutMs how long anything may take */
  constructor (hold: ClosingHold, timeoutMs: number) {
    this.#hold = hold
    this.#timeoutMs = timeoutMs
  }

  /** Names what there is beside the runtime, as soon as it is there: an application may be closed while it starts. */
  include ({ agents, store }: { agents?: ClosingAgents, store?: Pick<Store, 'close'> | undefined }): void {
    this.#agents = agents ?? this.#agents
    this.#store = store ?? this.#store
  }

  /**
   * Requests that are open may take as long as they like, and whoever supervises the process may not wait for them: what is
   * recorded leaves at once, and work that is still open after the limit is given up and leaves too.
   */
  begin (): void {
    this.#flush()
    this.#patience = setTimeout(() => {
      this.#agents?.giveUp()
      this.#flush()
    }, this.#timeoutMs).unref()
  }

  /** When no request is under way any more. Never rejects. */
  async end (): Promise<void> {
    clearTimeout(this.#patience)
    this.#agents?.giveUp()
    // Each keeps to the limit by itself, and none waits for another's.
    await Promise.all([this.#store?.close(), this.#hold.release(this.#timeoutMs)])
  }

  #flush (): void {
    void this.#hold.runtime.flush(this.#timeoutMs)
    void this.#agents?.flush()
  }
}
