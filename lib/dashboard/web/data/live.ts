import { createContext } from 'preact'
import type { Signal } from '../../api/answer.ts'

export type { Signal } from '../../api/answer.ts'
type Listener = (signals: readonly Signal[]) => void

/** What is new, from the server's own mouth. */
export interface Live {
  join (listener: Listener): () => void
}

export const LiveContext = createContext<Live>({ join: () => () => {} })

/** All there is: after a pause, or a connection that broke, anything may be new. */
const EVERYTHING: readonly Signal[] = ['agents', 'logs', 'metrics', 'traces']

/** One connection for the whole page, that is open while the page is live and can be seen. */
export class LiveFeed implements Live {
  readonly #listeners = new Set<Listener>()
  readonly #onState: (connected: boolean) => void
  #source: EventSource | undefined

  constructor (onState: (connected: boolean) => void) {
    this.#onState = onState
  }

  join (listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  open (): void {
    if (this.#source !== undefined) return
    const source = new EventSource('/api/live')
    this.#source = source
    // After a connection that broke, too: the browser opens it again by itself.
    source.addEventListener('ready', () => {
      this.#onState(true)
      this.#tell(EVERYTHING)
    })
    source.addEventListener('new', event => { this.#tell(JSON.parse((event as MessageEvent<string>).data) as Signal[]) })
    source.addEventListener('error', () => { this.#onState(false) })
  }

  close (): void {
    this.#source?.close()
    this.#source = undefined
    this.#onState(false)
  }

  #tell (signals: readonly Signal[]): void {
    for (const listener of this.#listeners) listener(signals)
  }
}
