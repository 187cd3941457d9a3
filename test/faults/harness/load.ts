import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface LoadOrder {
  readonly url: string
  /** Requests a second. */
  readonly rate: number
  readonly milliseconds: number
}

/** A request that was answered, and the span that it has to leave. */
export interface Answered {
  readonly spanId: string
  /** When the answer was complete, of the wall clock. */
  readonly at: number
  readonly latencyMs: number
}

export interface LoadResult {
  readonly answered: readonly Answered[]
  /** Requests that were not answered, or could not be sent, by reason. */
  readonly failed: Readonly<Record<string, number>>
}

/** Sends load from a process of its own, one order at a time. */
export class Load implements AsyncDisposable {
  readonly #process = fork(fileURLToPath(new URL('load-process.ts', import.meta.url)), { serialization: 'advanced' })
  /** Everything that was answered so far. */
  readonly answered: Answered[] = []
  readonly failed: Record<string, number> = {}

  async run (order: LoadOrder): Promise<LoadResult> {
    this.#process.send(order)
    const [result] = await once(this.#process, 'message') as [LoadResult]
    for (const one of result.answered) this.answered.push(one)
    for (const [reason, count] of Object.entries(result.failed)) this.failed[reason] = (this.failed[reason] ?? 0) + count
    return result
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    if (this.#process.exitCode !== null) return
    this.#process.kill('SIGKILL')
    await once(this.#process, 'exit')
  }
}
