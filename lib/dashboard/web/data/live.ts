import { createContext } from 'preact'
import type { Signal } from '../../api/answer.ts'

export type { Signal } from '../../api/answer.ts'
/** What may have new rows; `time`, which passes for a question about the last minutes though nothing comes. */
export type News = Signal | 'time'
type Listener = (news: readonly News[]) => void

/** What is new, from the server's own mouth. */
export interface Live {
  join (listener: Listener): () => void
}

export const LiveContext = createContext<Live>({ join: () => () => {} })

/** All there is: after a pause, or a connection that broke, anything may be new. */
const EVERYTHING: readonly Signal[] = ['agents', 'logs', 'metrics', 'traces']

/** Between two times that questions about the last minutes are asked again without news. */
const TIME_MS = 5_000

/** One connection for the whole page, that is open while the page is live and can be seen. */
export class LiveFeed implements Live {
  readonly #listeners = new Set<Listener>()
  readonly #onState: (connected: boolean) => void
  #source: EventSource | undefined
  #clock: ReturnType<typeof setInterval> | undefined

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
      clearInterval(this.#clock)
      this.#clock = setInterval(() => { this.#tell(['time']) }, TIME_MS)
    })
    source.addEventListener('new', event => { this.#tell(JSON.parse((event as MessageEvent<string>).data) as Signal[]) })
    source.addEventListener('error', () => {
      clearInterval(this.#clock)
      this.#onState(false)
    })
  }

  close (): void {
    clearInterval(this.#clock)
    this.#source?.close()
    this.#source = undefined
    this.#onState(false)
  }

  #tell (news: readonly News[]): void {
    for (const listener of this.#listeners) listener(news)
  }
}
