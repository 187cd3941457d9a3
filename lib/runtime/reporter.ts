/** Tells a person that telemetry itself has a problem. */
export type Report = (problem: string) => void

/** Distinct problems remembered; their texts hold no values that change, so there are few. */
const REMEMBERED_MAX = 100

/**
 * Says each problem once: to the log of an application that runs, or as a warning of the process. A failing collector
 * must not fill the log of the server that it watches.
 */
export class Reporter {
  readonly #said = new Set<string>()
  readonly #listeners = new Set<Report>()

  /** @returns what stops telling `listener` */
  addListener (listener: Report): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  readonly report: Report = problem => { this.#say(problem, this.#listeners.values().next().value) }

  /** For problems that are no affair of any application that runs: always a warning of the process. */
  readonly warn: Report = problem => { this.#say(problem) }

  /** For who knows when a problem is over, and so when it may be said again. */
  readonly repeat: Report = problem => { this.#tell(problem, this.#listeners.values().next().value) }

  #say (problem: string, listener?: Report): void {
    if (this.#said.has(problem) || this.#said.size >= REMEMBERED_MAX) return
    this.#said.add(problem)
    this.#tell(problem, listener)
  }

  #tell (problem: string, listener?: Report): void {
    try {
      if (listener !== undefined) listener(problem)
      else process.emitWarning(problem, { type: 'LettaOtelWarning' })
    } catch {
      // A logger that throws is the application's; what is reported here must not end a request.
    }
  }
}
