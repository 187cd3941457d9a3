/** One request's way to the server: what was answered, or how it ended otherwise. */
export type Answer = number | 'aborted' | 'failed'

/** A request that takes longer has failed. */
const TIMEOUT_MS = 60_000

/** The server, as a client sees it. */
export class Api {
  readonly #baseUrl: string
  readonly #signal: AbortSignal

  /** @param signal ends everything that is on its way */
  constructor (baseUrl: string, signal: AbortSignal) {
    this.#baseUrl = baseUrl
    this.#signal = signal
  }

  async get (path: string): Promise<Response> {
    return await fetch(`${this.#baseUrl}${path}`, { signal: this.#signalWith() })
  }

  async post (path: string, body: object, { headers = {}, signal }: { headers?: Record<string, string>, signal?: AbortSignal } = {}): Promise<Response> {
    return await fetch(`${this.#baseUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: this.#signalWith(signal)
    })
  }

  #signalWith (...signals: Array<AbortSignal | undefined>): AbortSignal {
    return AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS), ...signals.filter(signal => signal !== undefined)])
  }
}

/** Reads an answer to its end. */
export async function statusOf (response: Response): Promise<Answer> {
  await response.arrayBuffer()
  return response.status
}
